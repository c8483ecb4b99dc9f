import { grad, hvp, jacobian, jvp, sum, tanh, tensor, vjp } from "bitgrad";

const x = tensor([0.5, -1, 2], { dtype: "float64" });
const v = tensor([1, 0, 0], { dtype: "float64" });

const f = (t: typeof x) => sum(tanh(t));
console.log(grad(f)(x)); // the gradient
console.log(grad((t: typeof x) => grad(f)(t).sum())(x)); // and the gradient of its sum
console.log(jvp(tanh, x, v).tangent, vjp(tanh, x).pull(v)); // J·v and Jᵀ·v
console.log(hvp(f, x, v)); // the Hessian times v, without the Hessian
console.log(jacobian(tanh)(x));
