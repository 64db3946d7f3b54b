"""Sentence embeddings in PyTorch: multilingual-e5-small, one model for English and Arabic."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from torch import Tensor
from torch.nn import functional

from services.chatbot.weights import BLOCK_BYTES, EncoderFile, Vocabulary, dequantise

QUERY, PASSAGE = "query: ", "passage: "
_OTHER_SCRIPT = re.compile(r"[^\u0000-\u024f\u0600-\u06ff\u2000-\u20ff\u2581]")
_LONGEST = 256  # tokens; a question or a section is well below
_BATCH = 32

Embeddings = NDArray[np.float32]


class Encoder:
    """Texts in, unit vectors of ``size`` numbers out. The word table stays in four bits: a question needs few rows."""

    def __init__(self, file: EncoderFile) -> None:
        self.size = file.sizes.hidden
        self.sha256 = file.sha256
        self._sizes = file.sizes
        self._pieces = _Pieces(file.vocabulary)
        self._special = (file.vocabulary.begin, file.vocabulary.end, file.vocabulary.pad)
        self._words = file.matrices["emb.word"].reshape(file.sizes.vocabulary, -1)
        self._weights = _weights(file)

    def queries(self, texts: Sequence[str]) -> Embeddings:
        """(n, size) of questions."""
        return self._encode([QUERY + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Embeddings:
        """(n, size) of texts that may answer one."""
        return self._encode([PASSAGE + text for text in texts])

    @torch.inference_mode()
    def _encode(self, texts: Sequence[str]) -> Embeddings:
        begin, end, _ = self._special
        ids = [[begin, *rows, end] for rows in self._pieces.rows(texts)]
        result = np.empty((len(ids), self.size), np.float32)
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))  # alike lengths share a batch
        for at in range(0, len(order), _BATCH):
            chosen = order[at : at + _BATCH]
            result[chosen] = self._forward([ids[index] for index in chosen]).numpy()
        return result

    def _forward(self, batch: list[list[int]]) -> Tensor:
        longest = max(map(len, batch))
        pad = self._special[2]
        ids = np.array([row + [pad] * (longest - len(row)) for row in batch])
        mask = torch.from_numpy(np.array([[True] * len(row) + [False] * (longest - len(row)) for row in batch]))
        x = self._embed(ids)
        for layer in range(self._sizes.layers):
            x = self._layer(x, mask, f"l{layer}")
        weight = mask.to(x.dtype)[..., None]
        return functional.normalize((x * weight).sum(1) / weight.sum(1), dim=-1)

    def _embed(self, ids: NDArray[np.int64]) -> Tensor:
        rows = self._words[ids.ravel()].reshape(-1, BLOCK_BYTES)
        words = torch.from_numpy(dequantise(rows, ids.size).reshape(*ids.shape, self.size))
        x = words + self._weights["emb.pos"][: ids.shape[1]] + self._weights["emb.type"][0]
        return self._norm(x, "emb.ln")

    def _layer(self, x: Tensor, mask: Tensor, name: str) -> Tensor:
        shape = (*x.shape[:2], self._sizes.heads, -1)
        query, key, value = (self._linear(x, f"{name}.{part}").view(shape).transpose(1, 2) for part in "qkv")
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        x = self._norm(x + self._linear(mixed.transpose(1, 2).reshape(x.shape), f"{name}.ao"), f"{name}.aln")
        inner = functional.gelu(self._linear(x, f"{name}.fi"))
        return self._norm(x + self._linear(inner, f"{name}.fo"), f"{name}.oln")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.w"], self._weights[f"{name}.b"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.w"], self._weights[f"{name}.b"]
        return functional.layer_norm(x, (self.size,), weight, bias, self._sizes.epsilon)


def _weights(file: EncoderFile) -> dict[str, Tensor]:
    """Everything but the word table, as float32."""
    weights = {name: torch.from_numpy(vector.copy()) for name, vector in file.vectors.items()}
    for name in ("emb.pos", "emb.type"):
        weights[name] = weights[name].view(-1, file.sizes.hidden)
    for name, blocks in file.matrices.items():
        if name != "emb.word":
            rows = file.sizes.feed_forward if name.endswith(".fi.w") else file.sizes.hidden
            weights[name] = torch.from_numpy(dequantise(blocks, rows))
    return weights


class _Pieces:
    """XLM-RoBERTa's tokenizer: NFKC, runs of spaces made one, words marked, Unigram.

    Pieces of other scripts than Latin and Arabic are left out: half of the vocabulary, and of its memory. What is left
    keeps its row in the word table.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        kept = [row for row, (piece, _) in enumerate(vocabulary.pieces) if not _OTHER_SCRIPT.search(piece)]
        self._rows = np.array(kept)
        unknown = kept.index(vocabulary.unknown)
        self._tokenizer = Tokenizer(Unigram([vocabulary.pieces[row] for row in kept], unk_id=unknown))
        self._tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
        self._tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The rows of each text's pieces, at most a window of them."""
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [self._rows[one.ids[: _LONGEST - 2]].tolist() for one in found]
