"""What `setlab degrees` finds, worked out once more with SciPy: scipy_fits.py FILE prints name=value, one
a line. Whole numbers, one a line. Clauset, Shalizi and Newman 2009, without a line of ours."""
import sys
import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import gammaln, pdtrc, zeta

values = np.loadtxt(sys.argv[1], dtype=np.int64)
positive = np.sort(values[values > 0])


def likelihood(tail, alpha):
    return -alpha * np.log(tail).sum() - len(tail) * np.log(zeta(alpha, tail[0]))


def best(tail):
    r = minimize_scalar(lambda a: -likelihood(tail, a), bounds=(1.0001, 60), method="bounded", options={"xatol": 1e-9})
    return r.x


def distance(tail, alpha):
    """Between the shares of values below each x, in the tail and in the law."""
    x, first = np.unique(tail, return_index=True)
    return np.abs(first / len(tail) - (1 - zeta(alpha, x) / zeta(alpha, tail[0]))).max()


def candidates():
    for xmin in np.unique(positive)[:-1]:
        tail = positive[positive >= xmin]
        alpha = best(tail)
        yield distance(tail, alpha), alpha, xmin, tail


def against(name, tail, law, other):
    """Vuong's ratio, normalised: how far the other law is behind."""
    d = law - other
    print(f"{name}_normalised={d.sum() / (np.sqrt(len(tail)) * d.std())}")


def poisson(tail, mu):
    """ln p(x) from xmin on; pdtrc(k, mu) is the chance of more than k."""
    return tail * np.log(mu) - mu - gammaln(tail + 1) - np.log(pdtrc(tail[0] - 1, mu))


def cut_off(tail, alpha, rate):
    x = np.arange(tail[0], tail[0] + 2_000_000, dtype=float)
    return -alpha * np.log(tail) - rate * tail - np.log((x ** -alpha * np.exp(-rate * x)).sum())


D, alpha, xmin, tail = min(candidates(), key=lambda c: c[0])
print(f"n={len(values)}\nalpha={alpha}\nxmin={xmin}\nn_tail={len(tail)}\nL={likelihood(tail, alpha)}\nD={D}")
law = -alpha * np.log(tail) - np.log(zeta(alpha, xmin))
rate = np.log1p(1 / (tail.mean() - xmin))
against("exponential", tail, law, np.log(-np.expm1(-rate)) - rate * (tail - xmin))
mu = minimize_scalar(lambda m: -poisson(tail, m).sum(), bounds=(1e-3, tail.mean() * 2), method="bounded", options={"xatol": 1e-9}).x
against("poisson", tail, law, poisson(tail, mu))
bent = minimize(lambda p: -cut_off(tail, p[0], abs(p[1])).sum(), (alpha, 1e-3), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-7})
print(f"cutoff_R={min(0.0, law.sum() + bent.fun)}")
