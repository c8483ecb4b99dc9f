/**
 * The claims about training that bitgrad is held to, by their ids: what each says, the modules it lives in, the property that
 * tests show. Rests on nothing.
 */

/** One claim. */
export interface Claim {
  /** Its tests' titles begin with it: `bn-train: …`. */
  readonly id: string;
  /** The concept in a few words. */
  readonly concept: string;
  /** Source files from the top; the first is where to begin. None for a claim about nets at large. */
  readonly modules: readonly string[];
  /** What tests show; null for a claim that data alone can answer: an experiment's. */
  readonly property: string | null;
}

/** A claim that a law can check. */
const claim = (
  id: string,
  concept: string,
  modules: readonly string[],
  property: string,
): Claim => ({
  id,
  concept,
  modules,
  property,
});
/** A claim that data alone can answer. */
const question = (id: string, concept: string, modules: readonly string[]): Claim => ({
  id,
  concept,
  modules,
  property: null,
});

/** Every claim, in the order in which a net is trained. */
export const claims: readonly Claim[] = [
  claim(
    "data-loader",
    "shuffle, split into batches, loop over them",
    ["core/data/loader.ts"],
    "an epoch holds every example exactly once, in an order that depends on seed and epoch alone",
  ),
  claim(
    "data-centering",
    "inputs of one sign are bad: they tie the signs of a unit's gradients",
    ["core/data/normalization.ts"],
    "for one example with x > 0 every ∂L/∂w of a unit has the sign of its δ; after centring not",
  ),
  question("data-sensitivity", "raw inputs make the loss react strongly to small weight changes", [
    "core/data/normalization.ts",
  ]),
  question("data-information", "normalizing each example loses what lies in its scale", [
    "core/data/normalization.ts",
  ]),
  claim(
    "data-per-channel",
    "mean and standard deviation of a channel, over all images and positions of the training set",
    ["core/data/image-set.ts", "core/data/normalization.ts"],
    "equal to a loop over every byte in exact integers, in any order of the images; undone by the inverse",
  ),
  claim(
    "init-small",
    "standard deviation 0.01 with tanh: activations and gradients collapse in a deep net",
    ["init/distributions.ts", "init/infinite-width.ts"],
    "the standard deviations of six layers follow the infinite-width recursion: .492 … .046; cotangents fade alike",
  ),
  claim(
    "init-large",
    "standard deviation 0.05 with tanh: units saturate",
    ["init/distributions.ts", "init/infinite-width.ts"],
    "the standard deviations of six layers follow the infinite-width recursion: .872 … .849",
  ),
  claim(
    "init-xavier",
    "variance 1/fan-in keeps tanh nets alive",
    ["init/xavier.ts"],
    "a layer keeps the variance of what it is given; the recursion gives .628 … .294",
  ),
  claim(
    "init-xavier-relu",
    "with ReLU, Xavier collapses again",
    ["init/xavier.ts"],
    "a layer with ReLU halves the second moment; the recursion gives .584 … .103",
  ),
  claim(
    "init-kaiming",
    "variance 2/fan-in preserves ReLU nets",
    ["init/kaiming.ts"],
    "a layer with ReLU keeps the second moment; the recursion gives .826 in every layer",
  ),
  question("init-small-nets", "standard deviation 0.01 is fine for a net of few layers", [
    "init/distributions.ts",
  ]),
  question("init-depth", "30 layers of ReLU train with variance 2/fan-in and stall with 1/fan-in", [
    "init/kaiming.ts",
  ]),
  claim(
    "opt-zigzag",
    "SGD oscillates where curvature differs between directions",
    ["optim/sgd.ts"],
    "on a quadratic SGD goes by (1 − α·λ)^t along each eigenvector, to rounding",
  ),
  claim(
    "opt-saddle",
    "SGD cannot tell a saddle from a minimum",
    ["optim/sgd.ts"],
    "exactly on the ridge it never leaves it",
  ),
  claim(
    "opt-critical-points",
    "saddles multiply with the dimension",
    ["core/transforms/jacobian.ts"],
    "at every critical point of a linear autoencoder the Hessian has as many negative eigenvalues as the theorem has ways down",
  ),
  claim(
    "opt-noise",
    "gradients of mini-batches are noisy",
    ["core/data/loader.ts"],
    "over all batches their variance is (S²/B)·(1 − B/N)",
  ),
  claim(
    "opt-momentum",
    "v ← ρ·v + g; x ← x − α·v",
    ["optim/momentum.ts"],
    "is the recurrence; with ρ = 0 it is SGD bit for bit",
  ),
  claim(
    "opt-adam",
    "momentum and squared gradients together, a good default",
    ["optim/adam.ts"],
    "equals the pseudo-code in 64 digits to rounding; with ε = 0 the scale of gradients moves no bit",
  ),
  claim(
    "opt-bias-correction",
    "moments start at 0 and are corrected by 1 − β^t",
    ["optim/adam.ts"],
    "for a constant gradient the corrected moments are g and g² at every t",
  ),
  question("opt-decay", "a decay beside the gradient need not be tuned anew for each rate", [
    "optim/adamw.ts",
  ]),
  question("lr-range", "too low a rate is slow, too high a rate diverges", [
    "schedules/rate-range.ts",
  ]),
  claim(
    "lr-schedules",
    "step, cosine, linear, inverse square root, constant and more",
    ["schedules/index.ts"],
    "each equals its closed form at every iteration, with its end points, bounds and declared jumps",
  ),
  question("lr-restarts", "restarts of the rate give a good net long before the end", [
    "schedules/cosine-restarts.ts",
  ]),
  claim(
    "lr-warmup",
    "raise the rate linearly first",
    ["schedules/warmup.ts"],
    "start + (base − start)·t/W before W, then the schedule at t − W; W = 0 changes nothing",
  ),
  claim(
    "lr-scaling",
    "batch × N, so rate × N",
    ["schedules/scaling.ts"],
    "N SGD gradients at frozen weights on disjoint batches are one step on their union at N times the rate",
  ),
  claim(
    "lr-epochs",
    "a schedule counts iterations; an epoch may be any number of them",
    ["schedules/epochs.ts"],
    "redefining the epoch leaves the rate of every iteration as it was",
  ),
  claim(
    "loop-checkpoints",
    "save at each epoch's end, and several times within a long one",
    ["core/io/checkpoint.ts", "research/training/train-loop.ts"],
    "resuming from any checkpoint gives the same bits as never stopping",
  ),
  question("fit-regimes", "too little capacity under-fits, a gap shows over-fitting", []),
  question("fit-deeper-wider", "add depth first, then width", ["layers/nets/mlp.ts"]),
  claim(
    "fit-skip",
    "a skip link repairs what depth breaks",
    ["layers/residual.ts"],
    "a residual block whose last γ is 0 is the identity bit for bit, and passes the gradient unchanged",
  ),
  claim(
    "bn-train",
    "normalize each channel by its batch, then γ and β",
    ["layers/batch-norm.ts"],
    "the output has mean β and standard deviation |γ|·√(σ²/(σ²+ε)); a scale and shift of x is one of ε",
  ),
  claim(
    "bn-test",
    "moving averages in place of the batch",
    ["layers/batch-norm.ts"],
    "after T batches they are the closed-form weighted sum; an example does not depend on its neighbours",
  ),
  question("bn-shift", "keeps the distribution of a layer's inputs stable", [
    "layers/batch-norm.ts",
  ]),
  question("bn-speed", "trains faster, and minds initialization and rate less", [
    "layers/batch-norm.ts",
  ]),
  question("bn-small-batch", "small batches make its statistics noisy; groups do not mind", [
    "layers/group-norm.ts",
  ]),
  claim(
    "norm-consistency",
    "statistics without the batch axis are the same in training and evaluation",
    ["layers/layer-norm.ts", "layers/group-norm.ts"],
    "training equals evaluation bit for bit, and an example alone equals it in a batch",
  ),
  claim(
    "bn-order",
    "Linear – BatchNorm – ReLU",
    ["layers/batch-norm.ts"],
    "the gradient of a bias before BatchNorm is zero, to a bound of its rounding",
  ),
  claim(
    "loop-sgd",
    "sample a batch, forward, backward, update",
    ["research/training/train-loop.ts"],
    "the loop written by hand equals `trainLoop` bit for bit",
  ),
];
