"""Plans that have been carried out, and what one message of several ends that another says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmem import MemLayer, MemLayerConfig


async def told(memory: MemLayer, user_id: str, predicate: str) -> dict[str, str]:
    facts = await memory.facts(user_id, predicate=predicate)
    return {fact.object.name: str(fact.status.value) for fact in facts}


async def test_a_plan_ends_when_it_has_been_carried_out(
    store_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        await memory.store(session_id, {"input": "I'm planning to buy a van.", "output": "Nice."}, user_id)
        await memory.store(session_id, {"input": "My brother bought a van.", "output": "Nice."}, user_id)
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "current"}
        done = await memory.store(session_id, {"input": "I bought the van!", "output": "Nice."}, user_id)
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "ended"}
        context = await memory.get_context(session_id, user_id=user_id, query="What about the van?")
        assert not any(f.predicate == "PLANS_TO" and f.status == "current" for f in context.facts)
        await memory.forget(session_id=session_id, message_id=done.message_ids[0])
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "current"}
        await memory.forget(user_id=user_id)


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_ends_is_the_same_one_by_one_and_at_once(
    store_config: MemLayerConfig, user_id: str, session_id: str, at_once: bool
) -> None:
    said = [
        "I work at Bosch.",
        "I plan to buy a van.",
        "I quit my job.",
        "I bought the van!",
        "I work at Siemens.",
        "I plan to buy a boat.",
    ]
    messages = [{"role": "user", "content": text} for text in said]
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        for part in [messages] if at_once else [[message] for message in messages]:
            await memory.store(session_id, part, user_id)
        assert await told(memory, user_id, "WORKS_AT") == {"Bosch": "ended", "Siemens": "current"}
        assert await told(memory, user_id, "PLANS_TO") == {"buy a van": "ended", "buy a boat": "current"}
        await memory.forget(user_id=user_id)


@pytest.mark.parametrize(
    ("before", "after", "predicate", "statuses"),
    [
        (
            "I drive a Ford Fiesta.",
            "Traded the Fiesta in for a Kia.",
            "OWNS",
            {"Ford Fiesta": "ended", "Kia": "current"},
        ),
        (
            "I own a Ford Fiesta and a Ford Transit.",
            "I sold the Ford.",
            "OWNS",
            {"Ford Fiesta": "current", "Ford Transit": "current"},
        ),
        ("I own an electric car.", "I used to own a car.", "OWNS", {"electric car": "current", "car": "ended"}),
        ("I'm single.", "I have a boyfriend now, his name is Leo.", "IS_A", {"single": "ended"}),
        ("My boyfriend is called Leo.", "I'm single again.", "PARTNER_OF", {"Leo": "ended"}),
        ("I'm married to Paul.", "The divorce came through last week.", "MARRIED_TO", {"Paul": "ended"}),
        ("I'm married to Paul.", "I'm divorced now.", "MARRIED_TO", {"Paul": "ended"}),
        ("I'm learning Italian.", "I gave up on Italian.", "STUDIES", {"Italian": "ended"}),
        ("I'm studying law at Durham.", "Graduated today!", "STUDIES_AT", {"Durham": "ended"}),
        ("We have a dog called Biscuit.", "Biscuit passed away on Monday.", "HAS_PET", {"Biscuit": "ended"}),
        ("I have a cat called Momo.", "Momo had to be put to sleep.", "HAS_PET", {"Momo": "ended"}),
        ("I'm married to Paul.", "Paul died in January.", "MARRIED_TO", {"Paul": "ended"}),
        (
            "I'm the treasurer of the chess club.",
            "I stepped down as treasurer.",
            "WORKS_AS",
            {"treasurer of the chess club": "ended"},
        ),
        ("I'm a senior nurse.", "I was a nurse.", "WORKS_AS", {"senior nurse": "current"}),
        (
            "We're trying to sell our house in Kent.",
            "The house is sold!",
            "PLANS_TO",
            {"sell our house in Kent": "ended"},
        ),
        ("I study maths at York.", "I dropped out.", "STUDIES_AT", {"York": "ended"}),
        ("I study maths at York.", "I finished university in June.", "STUDIES_AT", {"York": "ended"}),
        ("I study maths at York.", "I left college early today.", "STUDIES_AT", {"York": "current"}),
        ("I play tennis twice a week.", "I've given up tennis.", "PLAYS", {"tennis": "ended"}),
        ("My favourite band is Muse.", "I've gone off Muse.", "LIKES", {"Muse": "ended"}),
        ("I study medicine at York.", "I dropped out of med school.", "STUDIES", {"medicine": "ended"}),
        (
            "I rent a flat in Hackney.",
            "We bought a house in Margate and moved in last weekend.",
            "LIVES_IN",
            {"Hackney": "ended", "Margate": "current"},
        ),
        ("I'm a vegetarian.", "I eat meat again.", "IS_A", {"vegetarian": "ended"}),
        ("I'm a smoker.", "I quit smoking in May.", "IS_A", {"smoker": "ended"}),
        ("I'm a smoker.", "I'll quit smoking in May.", "IS_A", {"smoker": "current"}),
        ("My best friend is Carla.", "Carla and I don't talk any more.", "HAS_FRIEND", {"Carla": "ended"}),
        ("I live in Hackney.", "My boyfriend moved in last weekend.", "LIVES_IN", {"Hackney": "current"}),
        ("I live in Hackney.", "I sold it to a lad in Margate.", "LIVES_IN", {"Hackney": "current"}),
        ("I live in Hackney.", "We drove over in Ana's Fiesta.", "LIVES_IN", {"Hackney": "current"}),
        (
            "I live in Hackney.",
            "I moved in with my daughter Joyce in Margate.",
            "LIVES_IN",
            {"Hackney": "ended", "Margate": "current"},
        ),
        ("I'm studying law at Durham.", "I graduated in March!!", "STUDIES_AT", {"Durham": "ended"}),
        ("I'm doing a PhD at Durham.", "I defended my PhD in March.", "STUDIES_AT", {"Durham": "ended"}),
        ("I study law at Durham.", "I finished my master's in June.", "STUDIES_AT", {"Durham": "ended"}),
        ("I own a green Diamant.", "My Diamant was stolen last week.", "OWNS", {"green Diamant": "ended"}),
        ("I'm married to Paul.", "Divorce was final in May.", "MARRIED_TO", {"Paul": "ended"}),
        ("I work at the Labadi Beach Hotel.", "I left Labadi in May.", "WORKS_AT", {"Labadi Beach Hotel": "ended"}),
        ("I work at a bank, Cosmos.", "I quit the bank in May.", "WORKS_AT", {"Cosmos": "ended"}),
        ("I work at Siemens.", "I quit the bank in May.", "WORKS_AT", {"Siemens": "current"}),
        ("I'm a library clerk.", "I quit the library last week.", "WORKS_AS", {"library clerk": "ended"}),
        (
            "I'm an apprentice electrician at Kelvin Power.",
            "I'm a qualified electrician now.",
            "WORKS_AS",
            {"apprentice electrician": "ended", "qualified electrician": "current"},
        ),
        ("I'm pescatarian.", "I'm vegan again.", "IS_A", {"pescatarian": "ended", "vegan": "current"}),
        ("I have a cat called Shep.", "I lost poor Shep at Christmas.", "HAS_PET", {"Shep": "ended"}),
        ("My friend Tom lives in Leeds.", "The neighbour's cat Tom died.", "HAS_FRIEND", {"Tom": "current"}),
        ("I have a dog called Rex.", "We had to say goodbye to Rex.", "HAS_PET", {"Rex": "ended"}),
        ("My girlfriend Ana is a chef.", "We finally got married in June!", "MARRIED_TO", {"Ana": "current"}),
        ("My girlfriend Ana is a chef.", "We finally got married in June!", "PARTNER_OF", {"Ana": "ended"}),
        ("My girlfriend Ana is a chef.", "We almost got married in June.", "PARTNER_OF", {"Ana": "current"}),
        (
            "My girlfriend Ana is a chef.",
            "Ben and I got married in June.",
            "MARRIED_TO",
            {"Ben": "current", "Ana": None},
        ),
        (
            "We're planning to get married in May.",
            "Ana and I broke up last week.",
            "PLANS_TO",
            {"get married": "ended"},
        ),
        ("I plan to run the Oslo Marathon.", "I ran it! 4 hours 12!", "PLANS_TO", {"run the Oslo Marathon": "ended"}),
        (
            "I plan to sell my boat. I plan to sell my van.",
            "I sold it!",
            "PLANS_TO",
            {"sell my boat": "current", "sell my van": "current"},
        ),
        ("I plan to open a bar in Batu.", "The bar in Batu I cancelled.", "PLANS_TO", {"open a bar in Batu": "ended"}),
        ("I'm a bus driver.", "I retired in December!", "WORKS_AS", {"bus driver": "ended"}),
        ("I'm a bus driver.", "So I stopped driving in October.", "WORKS_AS", {"bus driver": "ended"}),
        ("I'm a bus driver.", "I stopped driving to work, I cycle.", "WORKS_AS", {"bus driver": "current"}),
        (
            "I'm a truck driver at Van Dalen Transport.",
            "I left Van Dalen, and since December I'm a bus driver at Arriva.",
            "WORKS_AS",
            {"truck driver": "ended", "bus driver": "current"},
        ),
        ("I'm a nurse at Dunmore.", "I left Dunmore and started at Charité.", "WORKS_AS", {"nurse": "current"}),
        ("I work at Colégio Pinheiro.", "The Pinheiro closed in May.", "WORKS_AT", {"Colégio Pinheiro": "ended"}),
        (
            "I work at Colégio Pinheiro.",
            "The Pinheiro closed early today.",
            "WORKS_AT",
            {"Colégio Pinheiro": "current"},
        ),
        ("I work at Dofasco.", "Dofasco laid me off in April.", "WORKS_AT", {"Dofasco": "ended"}),
        (
            "I'm studying architecture at York.",
            "I switched from architecture to graphic design.",
            "STUDIES",
            {"architecture": "ended"},
        ),
        ("I use Photoshop every day.", "I changed Photoshop for Procreate.", "USES", {"Photoshop": "ended"}),
        ("I own an old Xiaomi.", "The old Xiaomi broke so I threw it away.", "OWNS", {"old Xiaomi": "ended"}),
        ("I own a small cafe called Corner.", "I closed Corner in May.", "OWNS", {"small cafe": "ended"}),
        ("I have a cat called Pamuk.", "I gave Pamuk to my mother in November.", "HAS_PET", {"Pamuk": "ended"}),
        ("I live in Lagos.", "On Saturdays I play football in Surulere.", "LIVES_IN", {"Lagos": "current"}),
        (
            "My friend Dai lives in Perth. I live in Swansea.",
            "And Dai is back! Living in Neath again.",
            "LIVES_IN",
            {"Swansea": "current", "Perth": "ended", "Neath": "current"},
        ),
        ("I bought a kiln.", "The gas kiln is sold, a teacher took it.", "OWNS", {"kiln": "ended"}),
        (
            "I'm a member of the cooperative Prosperidad.",
            "I left Prosperidad in May.",
            "MEMBER_OF",
            {"cooperative Prosperidad": "ended"},
        ),
        (
            "I live in Bath.",
            "I took a job in Hamilton. We moved in February.",
            "LIVES_IN",
            {"Bath": "ended", "Hamilton": "current"},
        ),
        ("I live in Bath.", "My brother lives in Lyon. We moved in August.", "LIVES_IN", {"Bath": "current"}),
        ("I have a cat called Tuck.", "We lost Tuck in January.", "HAS_PET", {"Tuck": "ended"}),
        ("I have a cat called Tuck.", "I lost Tuck in the park.", "HAS_PET", {"Tuck": "current"}),
        ("I study maths at York.", "I finished school and moved out.", "STUDIES_AT", {"York": "ended"}),
        (
            "I have cataracts.",
            "They operated both eyes and my cataracts are gone.",
            "HAS_CONDITION",
            {"cataracts": "ended"},
        ),
        ("I play the dombra.", "My dombra broke, and I don't play it anymore.", "PLAYS", {"dombra": "ended"}),
        (
            "I'm a bus driver with Arriva.",
            "I retired from Arriva at the end of June.",
            "WORKS_AS",
            {"bus driver": "ended"},
        ),
        (
            "I plan to open a small restaurant.",
            "So the restaurant is dead.",
            "PLANS_TO",
            {"open a small restaurant": "ended"},
        ),
        (
            "I'm a member of the Bay Striders.",
            "I stopped with the Striders, my shin.",
            "MEMBER_OF",
            {"Bay Striders": "ended"},
        ),
        ("I'm a taxi driver.", "I don't drive taxi now, I left it.", "WORKS_AS", {"taxi driver": "ended"}),
        ("I'm a trekking guide.", "I'm not a guide anymore, my knees.", "WORKS_AS", {"trekking guide": "ended"}),
        (
            "I study at National Economics University.",
            "I left NEU in May.",
            "STUDIES_AT",
            {"National Economics University": "ended"},
        ),
        (
            "We plan to build a house.",
            "The house will not be. We cancelled it.",
            "PLANS_TO",
            {"build a house": "ended"},
        ),
        (
            "I live in Durban.",
            "You're a landlord and I'm a tenant. I live in Paris.",
            "LIVES_IN",
            {"Durban": "current", "Paris": None},
        ),
        (
            "I bought a motorcycle, old Jawa from 1974.",
            "I sold the Jawa and got a bicycle.",
            "OWNS",
            {"motorcycle": "ended"},
        ),
        (
            "My boyfriend is called Diego.",
            "Diego and me finished in September, his idea.",
            "PARTNER_OF",
            {"Diego": "ended"},
        ),
        ("My boyfriend is called Diego.", "Diego and I finished the fence.", "PARTNER_OF", {"Diego": "current"}),
        (
            "I take metformin, I use metformin daily.",
            "They took me off metformin last month.",
            "USES",
            {"metformin": "ended"},
        ),
        ("I love Chiefs.", "I don't support Chiefs anymore, three seasons of pain.", "LIKES", {"Chiefs": "ended"}),
        ("I work at Hurrell's.", "I finished up at Hurrell's in August.", "WORKS_AT", {"Hurrell's": "ended"}),
        ("I have a mule called Canelo.", "I sold Canelo to a neighbour.", "HAS_PET", {"Canelo": "ended"}),
        (
            "My sister Dinda lives in Bath.",
            "We moved to Malang, near to Dinda.",
            "LIVES_IN",
            {"Malang": "current", "Dinda": None},
        ),
        ("I live in Sakai.", "Well, Osaka is 20 minutes by train.", "LIVES_IN", {"Sakai": "current", "Osaka": None}),
        (
            "I study statistics at York. I'm learning French.",
            "GRADUATED!!! In November.",
            "STUDIES",
            {"statistics": "ended", "French": "current"},
        ),
        (
            "I'm planning to visit Japan in spring.",
            "Japan was amazing, back since Tuesday.",
            "PLANS_TO",
            {"visit Japan": "ended"},
        ),
        (
            "I work at Wickes. I'm a kitchen salesman.",
            "In 2009 I was made redundant and thought the sky had fallen.",
            "WORKS_AT",
            {"Wickes": "current"},
        ),
        (
            "My wife is Rita. Rita was born on 22 May.",
            "Rita was born on 2 June, I mixed it up.",
            "BORN_ON",
            {"2 June": "current", "22 May": "retracted"},
        ),
        (
            "I plan to learn the dombra this year.",
            "By the way I play the dombra now!",
            "PLANS_TO",
            {"learn the dombra": "ended"},
        ),
        (
            "I'm flying to Japan in June.",
            "I was in Japan in June, ten days.",
            "PLANS_TO",
            {"fly to Japan": "ended"},
        ),
        ("I have a dog called Fly.", "Gave Fly to my niece on Friday.", "HAS_PET", {"Fly": "ended"}),
        (
            "I'm planning to visit Japan in spring.",
            "no japan btw, flights are mad",
            "PLANS_TO",
            {"visit Japan": "ended"},
        ),
        (
            "We're planning to move to Vienna.",
            "Greetings from my new flat in Vienna.",
            "PLANS_TO",
            {"move to Vienna": "ended"},
        ),
    ],
)
async def test_an_end_is_heard_in_a_later_session(
    sqlite_config: MemLayerConfig,
    user_id: str,
    session_id: str,
    before: str,
    after: str,
    predicate: str,
    statuses: dict[str, str | None],
) -> None:
    """Which ends are heard is decided without the store; that both write them, the tests above say."""
    async with MemLayer(replace(sqlite_config, extractor="local")) as memory:
        for number, text in enumerate((before, after)):
            await memory.store(f"{session_id}-{number}", {"input": text, "output": "I see."}, user_id)
        found = await told(memory, user_id, predicate)
        assert {name: found.get(name) for name in statuses} == statuses
        await memory.forget(user_id=user_id)


@pytest.mark.parametrize(
    ("before", "after", "predicate", "right", "wrong"),
    [
        (
            "I live in Okinawa.",
            "aiya sorry, Okayama, not Okinawa. I always mix them up.",
            "LIVES_IN",
            "Okayama",
            "Okinawa",
        ),
        ("The office is in Daegu so I moved.", "Oops, wrong. Not Daegu, Daejeon.", "LIVES_IN", "Daejeon", "Daegu"),
        (
            "My friend Femi moved to York. He's in Leeds now.",
            "Sorry sorry, Salford, not Leeds.",
            "LIVES_IN",
            "Salford",
            "Leeds",
        ),
        ("My cat is called Momo.", "Sorry, Mimi, not Momo.", "HAS_PET", "Mimi", "Momo"),
        ("My daughter is called Kila.", "It's Killa, two L, like the moon.", "HAS_CHILD", "Killa", "Kila"),
        (
            "I work at Kensington Flowers.",
            "It's Kensington Florals, sorry.",
            "WORKS_AT",
            "Kensington Florals",
            "Kensington Flowers",
        ),
    ],
)
async def test_a_correction_without_a_verb_sets_right_what_was_told_before(
    store_config: MemLayerConfig,
    user_id: str,
    session_id: str,
    before: str,
    after: str,
    predicate: str,
    right: str,
    wrong: str,
) -> None:
    async with MemLayer(replace(store_config, extractor="local")) as memory:
        for text in (before, after):
            await memory.store(session_id, {"input": text, "output": "I see."}, user_id)
        found = await told(memory, user_id, predicate)
        assert (found.get(right), found.get(wrong)) == ("current", "retracted")
        await memory.forget(user_id=user_id)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "I'm a junior geologist.",
            "I'm the senior geologist, imagine.",
            {"junior geologist": "ended", "senior geologist": "current"},
        ),
        (
            "I'm an assistant manager.",
            "I'm the manager, imagine.",
            {"assistant manager": "ended", "manager": "current"},
        ),
        ("I'm a nurse.", "I'm the head nurse, imagine.", {"nurse": "current", "head nurse": "current"}),
        ("I'm a senior nurse.", "I'm a senior lecturer.", {"senior nurse": "current", "senior lecturer": "current"}),
    ],
)
async def test_a_higher_step_of_a_trade_ends_the_lower(
    sqlite_config: MemLayerConfig, user_id: str, session_id: str, before: str, after: str, expected: dict[str, str]
) -> None:
    async with MemLayer(replace(sqlite_config, extractor="local")) as memory:
        for text in (before, after):
            await memory.store(session_id, {"input": text, "output": "Fine."}, user_id)
        assert await told(memory, user_id, "WORKS_AS") == expected


async def test_a_pet_that_was_lost_at_a_feast_is_dead(
    sqlite_config: MemLayerConfig, user_id: str, session_id: str
) -> None:
    async with MemLayer(replace(sqlite_config, extractor="local")) as memory:
        for text in ("I have a dog called Fly.", "We lost Fly at Hogmanay."):
            await memory.store(session_id, {"input": text, "output": "Oh."}, user_id)
        assert await told(memory, user_id, "HAS_PET") == {"Fly": "ended"}
