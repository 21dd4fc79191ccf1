import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import varstar as vs
from varstar.features.sequences import COLUMNS, fold_sequences, select, weights
from varstar.lightcurves.sample import LightCurves, nest


def curves_of(counts, seed=0):
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    n = int(offsets[-1])
    t = np.concatenate([np.sort(rng.uniform(0, 100, c)) for c in counts]) if n else np.empty(0)
    return LightCurves(
        t,
        12 + rng.normal(0, 0.3, n),
        rng.uniform(0.01, 0.1, n),
        np.zeros(n, np.int8),
        offsets,
        ("V",),
    )


def test_by_hand():
    # Period 1: phases 0.5, 0.25, 0.75; in the order of phase the magnitudes are 2, 1, 3.
    curves = LightCurves(
        np.array([0.5, 1.25, 2.75]), np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.3]),
        np.zeros(3, np.int8), np.array([0, 3]), ("V",),
    )  # fmt: skip
    sequences, status = fold_sequences(curves, np.array([1.0]), length=4, minimum=2)
    sd = np.sqrt(2 / 3)
    assert status.tolist() == ["ok"]
    assert COLUMNS == ("dt", "x", "sigma")
    assert sequences.x[0] == pytest.approx(
        np.array([[0, 0, 0.2 / sd], [0.25, -1 / sd, 0.1 / sd], [0.25, 1 / sd, 0.3 / sd], [0, 0, 0]])
    )
    assert sequences.mask.tolist() == [[True, True, True, False]]
    assert sequences.mean[0] == pytest.approx(2.0)
    assert sequences.sd[0] == pytest.approx(sd)
    assert sequences.log_period[0] == 0.0
    assert weights(sequences)[0] == pytest.approx([sd / 0.2, sd / 0.1, sd / 0.3, 0], rel=1e-6)
    assert weights(sequences, relative=True)[0] == pytest.approx(
        np.array([5, 10, 10 / 3, 0]) / (55 / 9), rel=1e-6
    )
    assert weights(sequences, most=5.0)[0].max() == 5.0


@pytest.mark.parametrize(
    ("cut", "minimum", "points"),
    [
        ("time", 10, [10, 10]),  # the remainder of 5 is too short
        ("time", 5, [10, 10, 5]),
        ("even", 5, [9, 8, 8]),
    ],
)
def test_how_a_star_is_cut(cut, minimum, points):
    curves = curves_of([25])
    sequences, _ = fold_sequences(curves, [3.0], length=10, minimum=minimum, cut=cut)
    assert sequences.points.tolist() == points
    assert sequences.star.tolist() == [0] * len(points)


def test_a_cut_in_time_is_a_cut_in_time():
    curves = curves_of([20])
    first = curves.stars([0])
    first = LightCurves(*(a[:10] for a in first[:4]), np.array([0, 10]), ("V",))
    both, _ = fold_sequences(curves, [3.0], length=10, minimum=10)
    alone, _ = fold_sequences(first, [3.0], length=10, minimum=10)
    assert both.x[0] == pytest.approx(alone.x[0])


@settings(deadline=None, max_examples=30)
@given(
    counts=st.lists(st.integers(0, 40), min_size=1, max_size=6),
    cut=st.sampled_from(["time", "even"]),
    per_star=st.sampled_from([None, 1, 2]),
    seed=st.integers(0, 99),
)
def test_what_always_holds(counts, cut, per_star, seed):
    curves = curves_of(counts, seed)
    period = np.random.default_rng(seed).uniform(0.2, 20, len(counts))
    s, status = fold_sequences(
        curves, period, length=8, minimum=3, cut=cut, per_star=per_star, epochs="max"
    )
    assert s.x.shape == (len(s.star), 8, 3)
    assert s.x.dtype == np.float32
    assert np.isfinite(s.x).all()
    assert (s.points >= 3).all()
    assert (np.diff(s.star) >= 0).all()
    assert set(np.flatnonzero(status == "ok")) == set(s.star.tolist())
    assert (s.x[~s.mask] == 0).all()
    assert ((s.x[:, :, 2] > 0) == s.mask).all()  # what the networks take as the mask
    assert (s.x[:, 0, 0] == 0).all()
    assert (s.x[:, :, 0] >= 0).all()
    assert (s.x[:, :, 0].sum(axis=1) < 1).all()
    n = s.points
    assert s.x[:, :, 1].sum(axis=1) / n == pytest.approx(np.zeros(len(n)), abs=1e-5)
    assert (s.x[:, :, 1] ** 2).sum(axis=1) / n == pytest.approx(np.ones(len(n)), rel=1e-4)
    assert np.bincount(s.star, minlength=1).max(initial=0) <= (per_star or 99)
    if cut == "even" and per_star is None:
        used = np.array([c if c >= 3 else 0 for c in counts])
        assert np.bincount(s.star, n, len(counts)).tolist() == used.tolist()


def test_bad_stars_have_a_reason():
    t = np.linspace(0, 30, 12)
    rows = [
        ("good", t, 12 + np.sin(t)), ("two", t[:2], [12.0, 12.5]), ("flat", t, np.full(12, 12.0)),
        ("missing", t, np.full(12, 99.999)), ("aperiodic", t, 12 + np.sin(t)),
        ("unsorted", t[::-1], 12 + np.sin(t[::-1])),
    ]  # fmt: skip
    observations = pd.concat(
        pd.DataFrame({"star_id": name, "t": x, "mag": m, "err": 0.1}) for name, x, m in rows
    )
    sample = vs.make_sample(observations).assign(period=2 * np.pi)
    sample.loc["aperiodic", "period"] = np.nan
    s, status = fold_sequences(sample, "period", length=20, minimum=4)
    assert status.tolist() == [
        "ok", "fewer than 4 valid points", "constant magnitude", "no valid points", "no period",
        "ok",
    ]  # fmt: skip
    assert s.star.tolist() == [0, 5]
    assert s.x[0] == pytest.approx(s.x[1])


def test_a_constant_part_is_no_sequence():
    t = np.arange(8.0)
    curves = LightCurves(
        t, np.array([12.0] * 4 + [12, 13, 12, 13]), np.full(8, 0.1), np.zeros(8, np.int8),
        np.array([0, 8]), ("V",),
    )  # fmt: skip
    s, status = fold_sequences(curves, [3.3], length=4, minimum=4)
    assert len(s.star) == 1
    assert status.tolist() == ["ok"]
    flat = curves._replace(mag=np.array([12.0] * 4 + [13.0] * 4))
    s, status = fold_sequences(flat, [3.3], length=4, minimum=4)
    assert status.tolist() == ["no usable sequence"]
    assert s.x.shape == (0, 4, 3)


def test_parts_of_sequences():
    s, _ = fold_sequences(curves_of([20, 5, 20]), np.ones(3), length=10, minimum=10)
    assert s.star.tolist() == [0, 0, 2, 2]
    assert s.of_stars(np.array([False, False, True])).star.tolist() == [2, 2]
    assert s.of_stars([0]).x == pytest.approx(s.rows(np.array([0, 1])).x)


def test_wrong_options_say_what_is_wrong():
    curves = curves_of([20])
    with pytest.raises(ValueError, match="Received: 30, 10"):
        fold_sequences(curves, [1.0], length=10, minimum=30)
    with pytest.raises(ValueError, match="Received: 'odd'"):
        fold_sequences(curves, [1.0], cut="odd")
    with pytest.raises(ValueError, match="Received: 'min'"):
        fold_sequences(curves, [1.0], epochs="min")
    with pytest.raises(ValueError, match=r"per star \(1\). Received shape: \(2,\)"):
        fold_sequences(curves, [1.0, 2.0])
    with pytest.raises(ValueError, match="per_star: expected 1"):
        fold_sequences(curves, [1.0], per_star=0)


def selectable():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 200, 60))
    wave = np.sin(2 * np.pi * t / 1.7)
    mags = {
        "good": 13 + wave, "bright": 9 + wave, "faint": 18 + wave, "unsure": 13 + wave,
        "noise": 13 + rng.normal(0, 1, 60), "aperiodic": 13 + wave, "short": (13 + wave)[:20],
    }  # fmt: skip
    counts = [len(m) for m in mags.values()]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    n = int(offsets[-1])
    curves = LightCurves(
        np.concatenate([t[:c] for c in counts]), np.concatenate(list(mags.values())),
        np.full(n, 0.05), np.zeros(n, np.int8), offsets, ("V",),
    )  # fmt: skip
    stars = pd.DataFrame({"star_id": list(mags), "period": 1.7, "class_prob": 0.95})
    stars.loc[3, "class_prob"] = 0.9  # not above
    stars.loc[5, "period"] = np.nan
    return nest(curves, stars)


def test_selection_gives_the_first_reason():
    table = select(selectable(), min_points=50)
    assert table["reason"].to_dict() == {
        "good": "ok", "bright": "magnitude", "faint": "magnitude", "unsure": "class probability",
        "noise": "residual", "aperiodic": "no period", "short": "points",
    }  # fmt: skip
    assert table["keep"].sum() == 1
    assert table.loc["good", "residual"] < 0.2 < 0.7 < table.loc["noise", "residual"]
    assert table["residual"].notna().sum() == 2  # only where it decides


def test_cuts_can_be_left_out():
    sample = selectable()
    table = select(
        sample.drop(columns="class_prob"), min_points=None, magnitude=None, max_residual=None
    )
    assert table["reason"].value_counts().to_dict() == {"ok": 6, "no period": 1}
