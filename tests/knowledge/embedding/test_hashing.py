import numpy as np

from app.knowledge.embedding.hashing import HashEmbedder


def test_the_same_text_has_the_same_vector_of_length_one() -> None:
    first, second = HashEmbedder().embed_passages(["Reset the password.", "Reset the password."])
    assert np.array_equal(first, second)
    assert np.isclose(np.linalg.norm(first), 1)


def test_texts_with_common_words_are_nearer_than_texts_without() -> None:
    question, near, far = HashEmbedder().embed_passages(
        ["resetting passwords", "How to reset your password", "Shipping costs to Norway"]
    )
    assert question @ near > question @ far


def test_a_text_without_words_still_has_a_direction() -> None:
    assert np.isclose(np.linalg.norm(HashEmbedder().embed_questions(["…"])[0]), 1)


def test_no_text_gives_no_row() -> None:
    assert HashEmbedder().embed_passages([]).shape == (0, 384)
