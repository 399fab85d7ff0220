#!/usr/bin/env python3
"""Find the directions in which people's messages differ most, by which vectors of the package's model are cut down."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graphmem.cli.leaving import ScriptCommand  # noqa: E402 - the folder of the scripts is no package that is installed
from graphmem.embed import EmbeddingError  # noqa: E402
from graphmem.embed.shipped import MODEL, ShippedEmbedder  # noqa: E402
from graphmem.embed.short import MAX_TOKENS, PROJECTION, SIZE  # noqa: E402
from scripts.training.messages import read_messages  # noqa: E402


@click.command(cls=ScriptCommand, epilog="Example:  scripts/shorten_embeddings.py --output short.npy")
@click.option(
    "--messages",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "extraction" / "local" / "training",
    help="Folder of annotated messages (JSON Lines). [default: the extractor's]",
)
@click.option(
    "--model",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=MODEL,
    help="The network, as ONNX. [default: the package's]",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=PROJECTION,
    help="Where to write. [default: into the package]",
)
def main(messages: Path, model: Path, output: Path) -> None:
    """Write the mean of messages' vectors and their first principal components, and print how much of their spread these keep.

    To be run whenever the model is trained anew; `graphmem.embed.short.VERSION` changes with it.
    """
    try:
        texts = [message.text for message in read_messages(sorted(messages.glob("*.jsonl")))]
        vectors = np.asarray(asyncio.run(ShippedEmbedder(model, MAX_TOKENS)(texts)), dtype=np.float64)
    except (ValueError, EmbeddingError) as error:
        raise click.ClickException(str(error)) from error
    if len(vectors) <= SIZE:
        raise click.ClickException(f"{messages} has {len(vectors)} messages; there must be more than {SIZE}")
    projection, kept = principal_components(vectors, SIZE)
    np.save(output, projection.astype(np.float16))
    click.echo(f"{len(texts)} messages; {SIZE} of {vectors.shape[1]} directions keep {100 * kept:.1f} % of the spread")


def principal_components(vectors: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], float]:
    """Return the mean of vectors and below it their first principal components, and which share of the variance these have.

    A component's largest number is positive, so that the same vectors give the same rows everywhere.
    """
    mean = vectors.mean(axis=0)
    _, lengths, directions = np.linalg.svd(vectors - mean, full_matrices=False)
    first = directions[:count]
    signs = np.sign(first[np.arange(count), np.abs(first).argmax(axis=1)])
    return np.vstack([mean, first * signs[:, None]]), float((lengths[:count] ** 2).sum() / (lengths**2).sum())


if __name__ == "__main__":
    main()
