"""The page of a first GAN says what README's first block says."""

from tests.helpers import page_blocks


def lines(*blocks):
    return [line for _, code, _ in blocks for line in code.split("\n") if line]


def test_the_blocks_are_readmes():
    first, *_ = page_blocks.blocks("../README.md")
    assert lines(*page_blocks.blocks("start/first_gan.md")) == lines(first)
