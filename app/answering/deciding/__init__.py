"""From a score to an outcome: calibrated, held against thresholds, stored so that it can be computed again."""
