"""The estimate of a text's tokens. The true counts are cl100k_base's, taken once."""

from __future__ import annotations

import pytest

from graphmem.compose import count_tokens


@pytest.mark.parametrize(
    ("text", "true_count"),
    [
        ("I moved to Porto in May and now I work as a nurse at Mercy Hospital.", 17),
        ("What does my sister do for a living, and where does she live?", 15),
        (
            "<memory>\nFacts about the user:\n- worked at King Faisal Hospital (until 2023-10)\n</memory>",
            27,
        ),
        ("def count(text: str) -> int:\n    return sum(cost(piece) for piece in PIECES.findall(text))\n", 23),
        ("https://example.com/path/to/page?query=memory&limit=10", 15),
        ("我上个月搬到了上海，现在在一家软件公司做工程师。", 27),
        ("先月、大阪に引っ越しました。今はソフトウェア会社で働いています。", 32),
        ("지난달에 부산으로 이사했어요. 지금은 소프트웨어 회사에서 일하고 있습니다.", 38),
        ("В прошлом месяце я переехал в Казань и теперь работаю инженером.", 34),
        ("Ich bin letzten Monat nach München gezogen und arbeite jetzt als Krankenschwester.", 19),
        ("J'ai déménagé à Lyon le mois dernier et je travaille près de la gare.", 21),
        ("انتقلت إلى القاهرة الشهر الماضي وأعمل الآن مهندسا في شركة صغيرة.", 46),
        ("On 12 March 2024 at 10:45 we paid 1,234,567.89 euros.", 24),
        ("that's so 🔥🔥 see you 😂", 12),
    ],
)
def test_the_estimate_is_near_the_true_count_and_rather_above_it(text: str, true_count: int) -> None:
    assert 0.9 * true_count <= count_tokens(text) <= 1.5 * true_count + 1


def test_nothing_costs_nothing() -> None:
    assert count_tokens("") == 0


def test_a_long_run_without_blanks_is_not_one_word() -> None:
    assert count_tokens("a" * 4000) >= 1000
    assert count_tokens("½" * 100) >= 100
    assert count_tokens("1" * 300) >= 100
