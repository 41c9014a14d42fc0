"""The semantic stage at the rim: any HTTP service of the usual `/v1/embeddings` shape, never waited for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import numpy as np
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.database import Database
from bot.forever import forever
from knowledge.errors import Unavailable
from knowledge.library import Library
from knowledge.model import Finding
from knowledge.semantic import Meanings, Vector, digest, is_open, refined, wording
from knowledge.store import vectors

QUESTION_SECONDS = 0.25  # for a question's vector; with what is around it, a person waits 0.3 s at most
BATCH_SECONDS = 60.0
BATCH = 32  # texts embedded at once
POLL_SECONDS = 2.0  # how soon new knowledge is embedded
RETRY_SECONDS = 60.0

log = logging.getLogger("pilotbot.semantic")


class EmbeddingsFailed(Exception):  # noqa: N818 - says what happened
    """The service did not give vectors; the text says why, without the key."""


class Embeddings:
    """The service's client. `url` may be its base, its `/v1` or the whole address."""

    def __init__(self, session: ClientSession, url: str, model: str, key: str = "") -> None:
        stem = url.rstrip("/").removesuffix("/embeddings").removesuffix("/v1")
        self._session, self._url, self.model = session, f"{stem}/v1/embeddings", model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def embed(self, texts: Sequence[str], seconds: float) -> list[Vector]:
        """One vector for each text.

        :raises EmbeddingsFailed: no answer in time, or none that can be used.
        """
        body = {"model": self.model, "input": list(texts)}
        try:
            async with self._session.post(
                self._url, json=body, headers=self._headers, timeout=ClientTimeout(total=seconds)
            ) as response:
                if response.status != 200:
                    raise EmbeddingsFailed(f"status {response.status}")
                return _vectors(await response.json(content_type=None), len(texts))
        except TimeoutError:
            raise EmbeddingsFailed(f"no answer within {seconds:g} s") from None
        except (ClientError, OSError, ValueError, KeyError, TypeError) as error:
            raise EmbeddingsFailed(type(error).__name__) from None


def _vectors(answer: dict[str, list[dict[str, object]]], count: int) -> list[Vector]:
    rows = sorted(answer["data"], key=lambda row: int(str(row["index"])))
    found = [np.asarray(row["embedding"], np.float32) for row in rows]
    if len(found) != count or any(v.ndim != 1 or not v.size or not np.isfinite(v).all() for v in found):
        raise ValueError("not one vector for each text")
    return found


class Semantics:
    """Embeds the knowledge beside the requests, and refines what words found."""

    def __init__(self, embeddings: Embeddings, database: Database, library: Callable[[], Library]) -> None:
        self._embeddings = embeddings
        self._database = database
        self._library = library
        self._embedded: tuple[int, Meanings] | None = None  # the version of the knowledge, and its vectors
        self._failing = False

    async def refine(self, finding: Finding) -> Finding:
        """The finding, its order refined where words were not sure; as it was when the service is late or away."""
        if not self._embedded or not is_open(finding):
            return finding
        try:
            (vector,) = await self._embeddings.embed([finding.query], QUESTION_SECONDS)
        except EmbeddingsFailed as error:
            self._failed(error)
            return finding
        self._works()
        held = self._library().measures
        nearest = [(held[m.id], cosine) for m, cosine in self._embedded[1].nearest(vector) if m.id in held]
        return refined(finding, nearest)

    async def follow(self) -> None:
        """Embeds what is new, for ever."""
        await forever("new measures are not found by their meaning", self._keep_up, POLL_SECONDS, RETRY_SECONDS)

    async def _keep_up(self) -> None:
        try:
            await self.embed_knowledge()
        except (EmbeddingsFailed, Unavailable, ValueError) as error:
            self._failed(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def embed_knowledge(self) -> None:
        """Vectors for the library as of now: from the database, the missing ones from the service.

        :raises EmbeddingsFailed, Unavailable: not all could be had; those that could are kept.
        :raises ValueError: the service's vectors differ in length.
        """
        library = self._library()
        if self._embedded and self._embedded[0] == library.version:
            return
        texts = {digest(wording(m)): wording(m) for m in library.active}
        model = self._embeddings.model
        async with self._database.session() as session:
            kept = await vectors.load(session, model, texts)
        missing = [key for key in texts if key not in kept]
        for first in range(0, len(missing), BATCH):
            keys = missing[first : first + BATCH]
            made = await self._embeddings.embed([texts[key] for key in keys], BATCH_SECONDS)
            new = dict(zip(keys, made, strict=True))
            async with self._database.transaction() as session:
                await vectors.save(session, model, new)
            kept |= new
        by_measure = [kept[digest(wording(m))] for m in library.active]
        self._embedded = library.version, await asyncio.to_thread(Meanings.of, library.active, by_measure)
        log.info("the semantic stage knows version %d: %d vectors", library.version, len(by_measure))

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            log.warning("the semantic stage is left out until it works again: %s", error)
        self._failing = True

    def _works(self) -> None:
        if self._failing:
            log.info("the semantic stage works again")
        self._failing = False
