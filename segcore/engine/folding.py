"""Texts as conditions compare them: folded once here, never at query."""

import polars as pl

from segcore.rules.text import fold

LISTS = pl.List(pl.String)


def folded(values: pl.Series) -> pl.Series | None:
    """The folds of a column of texts or of lists of text, the very same series where nothing changes; None for other kinds."""
    if values.dtype == pl.String:
        return _texts(values)
    if values.dtype == LISTS:
        return _lists(values)
    return None


def _texts(values: pl.Series) -> pl.Series:
    plain = _plain(values)
    if plain.all():
        result = values.str.to_lowercase()
    else:
        # Outside ASCII lower case is no fold ("ß", "İ", final sigma), and only few distinct texts lie there.
        others = values.filter(~plain).unique()
        folds = pl.DataFrame(
            {"text": others, "fold": [fold(text) for text in others]}, schema_overrides={"fold": pl.String}
        )
        joined = (
            values.rename("text")
            .to_frame()
            .join(folds, on="text", how="left", maintain_order="left")
            .get_column("fold")
        )
        result = values.str.to_lowercase().zip_with(plain.fill_null(True), joined).rename(values.name)
    return values if result.equals(values) else result


def _lists(values: pl.Series) -> pl.Series:
    if _plain(values.explode()).all():
        result = values.list.eval(pl.element().str.to_lowercase())
    else:
        folds: dict[str, str] = {}
        result = pl.Series(
            values.name,
            [
                None if texts is None else [folds.get(text) or folds.setdefault(text, fold(text)) for text in texts]
                for texts in values
            ],
            dtype=LISTS,
        )
    return values if result.equals(values) else result


def _plain(texts: pl.Series) -> pl.Series:
    """Which texts are ASCII only."""
    return texts.str.len_bytes() == texts.str.len_chars()
