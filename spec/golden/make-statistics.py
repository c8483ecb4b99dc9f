"""Writes values of SciPy's and statsmodels' statistics as JSON beside this file.

Run from the repository root with SciPy 1.17 and statsmodels 0.15:
    python -B spec/golden/make-statistics.py
Samples are decimal numbers, so that both sides read the same float64.
"""

import json
import math
import random
from pathlib import Path

import scipy
import statsmodels
from scipy import special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

draw = random.Random(7)
ALTERNATIVES = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}


def sample(size, centre, digits=4):
    """Decimal numbers about a centre, with a spread of one."""
    return [round(draw.gauss(centre, 1), digits) for _ in range(size)]


def hedges(degrees):
    """Hedges 1981, equation 6e."""
    return special.gamma(degrees / 2) / (
        (degrees / 2) ** 0.5 * special.gamma((degrees - 1) / 2)
    )


def interval(size, centre, confidence):
    values = sample(size, centre)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    mean, std = sum(values) / size, stats.tstd(values)
    return {
        "values": values,
        "confidence": confidence,
        "low": low,
        "high": high,
        "p": stats.ttest_1samp(values, 0).pvalue,
        "t": stats.ttest_1samp(values, 0).statistic,
        "dz": mean / std,
        "g": None if size == 2 else mean / std * hedges(size - 1),
    }


def flips(values, alternative):
    """Every sign of every difference. SciPy calls values equal that are within 1e-14 of each other."""
    result = stats.permutation_test(
        (values,),
        lambda x, axis: x.sum(axis=axis),
        permutation_type="samples",
        n_resamples=float("inf"),
        alternative=alternative,
        vectorized=True,
    )
    return {"values": values, "alternative": alternative, "p": result.pvalue}


def trend(values, alternative):
    result = stats.kendalltau(
        range(len(values)), values, method="exact", alternative=alternative
    )
    return {
        "values": values,
        "alternative": alternative,
        "tau": result.statistic,
        "p": result.pvalue,
    }


def family(p_values):
    return {"p": p_values, "adjusted": list(multipletests(p_values, method="holm")[1])}


def power(seeds, effect, level, sides):
    """NaN for some with two seeds: SciPy's noncentral t gives up there, and they are left out."""
    value = TTestPower().power(
        effect, seeds, level, alternative="two-sided" if sides == 2 else "larger"
    )
    return {
        "seeds": seeds,
        "effect": effect,
        "level": level,
        "sides": sides,
        "power": float(value),
    }


def needed(effect, wanted, level, sides):
    seeds = TTestPower().solve_power(
        effect,
        power=wanted,
        alpha=level,
        alternative="two-sided" if sides == 2 else "larger",
    )
    return {
        "effect": effect,
        "power": wanted,
        "level": level,
        "sides": sides,
        "seeds": float(seeds),
    }


DEGREES = (1, 2, 3, 4, 7, 15, 30, 101, 400)
golden = {
    "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__,
    "shares": [
        [t, nu, 1 - 2 * stats.t.sf(t, nu)]
        for nu in DEGREES
        for t in (0.0, 1e-3, 0.3, 1.0, 2.5, 7.0, 40.0)
    ],
    "quantiles": [
        [share, nu, stats.t.isf((1 - share) / 2, nu)]
        for nu in DEGREES
        for share in (0.1, 0.5, 0.9, 0.95, 0.99, 0.999)
    ],
    "intervals": [
        interval(size, centre, confidence)
        for size in (2, 3, 4, 5, 8, 9, 20)
        for centre, confidence in ((0.4, 0.95), (2, 0.99))
    ],
    "flips": [
        flips(sample(size, centre, digits), alternative)
        for size, digits in ((3, 4), (5, 4), (8, 4), (10, 0))
        for centre in (0, 0.7)
        for alternative in ALTERNATIVES
    ],
    "trends": [
        trend(sample(size, 0), alternative)
        for size in (2, 4, 5, 9)
        for alternative in ALTERNATIVES
    ],
    "families": [
        family(p)
        for p in (
            [0.01, 0.04, 0.03],
            [0.5],
            [0.02, 0.02, 0.001, 0.9, 0.7, 0.012],
            [1, 0, 0.3],
        )
    ],
    "powers": [
        case
        for seeds in (2, 3, 5, 8, 30)
        for effect in (0.2, 1.0, 2.5)
        for level, sides in ((0.05, 2), (0.05, 1), (0.01, 2))
        if not math.isnan((case := power(seeds, effect, level, sides))["power"])
    ],
    "needed": [
        needed(effect, wanted, level, sides)
        for effect in (0.2, 0.5, 1.0)
        for wanted, level, sides in ((0.8, 0.05, 2), (0.9, 0.05, 1), (0.95, 0.01, 2))
    ],
}
path = Path(__file__).with_name("statistics.json")
path.write_text(json.dumps(golden, allow_nan=False, separators=(",", ":")) + "\n")
