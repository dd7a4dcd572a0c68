// What became of a question, and why, in plain words.

import { badge } from "../dom.js";
import { percent } from "../moments.js";

export const OUTCOMES = {
  answer: ["Answered", "badge--good"],
  caveat: ["With a caveat", "badge--evidence"],
  clarify: ["Asked back", "badge--info"],
  offer: ["Offered a person", "badge--note"],
  escalate: ["Handed over", "badge--bad"],
};

/** [in a list, in full]; the names are those of the API. */
export const REASONS = {
  confident: ["Sure enough", "The probability reaches the threshold of a plain answer, and nothing else speaks against it."],
  "not sure": ["Not sure enough for a plain answer", "The probability lies between the two thresholds, so the answer was shown with a caveat."],
  "articles disagree": ["Articles disagree", "Two articles say different things of the same, so both were quoted."],
  "a step was left out": ["A step was left out", "The answer is a list of which one step had no support and was left out."],
  "review overdue": ["An article is overdue for review", "A cited article is past the day by which somebody wanted to look at it."],
  "a question without an answer": ["A question without an answer", "The message asks several things, and for one of them no answer was found."],
  "not confident": ["Too unsure to be shown", "The probability lies below the lower threshold, so nothing was shown and an agent got a draft."],
  "nothing found": ["Nothing found", "The search found nothing that comes close enough for a model to be asked."],
  "nothing sure enough": ["Found, but not sure enough", "What was found was too unsure for an answer to be shown while it is written."],
  "no supported sentence": ["No sentence had support", "A model wrote, but no passage carries any sentence of it."],
  "the model found no answer": ["The model found no answer", "The model read the passages and said that they do not answer."],
  language: ["Another language", "The question is in a language of which the search by words found nothing."],
  "two readings": ["Two readings", "A short question fits two articles equally well, and neither is likely."],
  upset: ["The customer was upset", "The message sounds upset, so a person was offered at once."],
  "did not help before": ["Earlier answers did not help", "The answers before did not help, so a person was offered."],
  "asked for a person": ["Asked for a person", "The customer asked for a person, and then no answer is tried."],
  "never-auto": ["A topic left to people", "The policy leaves this topic to people."],
  "budget spent": ["No budget left", "No budget had room for a model."],
  greeting: ["A greeting", "A greeting is answered without a search."],
  thanks: ["Thanks", "Thanks are answered without a search."],
  goodbye: ["A goodbye", "A goodbye is answered without a search."],
  identity: ["Asked who is here", "The customer asked whether somebody or a program is writing."],
};

export const outcomeOf = (name) => badge(...(OUTCOMES[name] ?? [name]));

/** A topic stands behind its reason: “never-auto: chargeback”. */
export function because(reason) {
  const [name, topic] = reason.split(/: (.*)/s);
  const [short, full] = REASONS[name] ?? [reason, `${reason}.`];
  return topic ? [`${short}: ${topic}`, `The policy leaves “${topic}” to people.`] : [short, full];
}

/** Percent, but never a rounded nought or a rounded whole. */
export function chance(value) {
  if (value > 0 && value < 0.01) return `<${percent(0.01)}`;
  return value < 1 && value > 0.99 ? `>${percent(0.99)}` : percent(value);
}

/** Whether a rule decided whatever the probability was. */
export const ruled = ({ by_rule: rule, reason }) => rule && reason !== "nothing found";
