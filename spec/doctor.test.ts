/** The doctor: healthy nets pass, each illness is found by the line that is for it, and nothing is changed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DataLoader, pointExamples, spirals } from "../core/data/index.ts";
import { crossEntropy, scope, type Tensor, tensor, ValueError } from "../core/index.ts";
import { fingerprint } from "../core/io/index.ts";
import { assemble, BatchNorm1d, Dropout, Linear, mlp, ReLU, Sequential } from "../layers/index.ts";
import { type Diagnosis, diagnose, type Patient } from "../research/doctor/index.ts";
import { bitgrad } from "./command-line.ts";
import { healthy, ill, loader, normalizedNet, reluNet } from "./doctor/patients.ts";
import { bitsOf, messageOf } from "./plain.ts";

const isSlow = process.env["BITGRAD_SLOW"] === "1";
const quick = Object.entries(healthy).slice(0, isSlow ? undefined : 3);

describe("healthy nets", () => {
  test.each(quick)("pass every line that concerns them: %s", (_, make) => {
    const diagnosis = diagnose(make());
    expect(diagnosis.findings).toHaveLength(8);
    const unwell = diagnosis.findings.filter(
      ({ status }) => status === "warn" || status === "fail",
    );
    expect(unwell).toEqual([]);
    expect(diagnosis.status).toBe("pass");
  });

  test.runIf(isSlow)(
    "fail in no line with any of 20 seeds",
    () => {
      for (let seed = 0; seed < 20; seed++) {
        for (const net of [reluNet(seed), normalizedNet(seed)]) {
          const { findings } = diagnose({ net, loader });
          expect(findings.filter(({ status }) => status === "fail")).toEqual([]);
        }
      }
    },
    600_000,
  );
});

describe("an illness is found by the line that is for it, and no other fails:", () => {
  test.each(ill)("%s", (_, check, status, found, make) => {
    const diagnosis = diagnose(make());
    const finding = diagnosis.findings.find((one) => one.check === check);
    expect(finding?.found).toMatch(found);
    expect(finding?.status).toBe(status);
    expect(finding?.advice).not.toBeNull();
    const others = diagnosis.findings.filter((one) => one.check !== check);
    expect(others.filter((one) => one.status === "fail")).toEqual([]);
    expect(diagnosis.status).toBe(status);
    // What comes before it in the list knows nothing of it.
    const before = diagnosis.findings.slice(
      0,
      finding === undefined ? 0 : diagnosis.findings.indexOf(finding),
    );
    expect(before.filter((one) => one.status === "warn")).toEqual([]);
  });
});

describe("a diagnosis", () => {
  const makePoints = (shuffle = true) =>
    new DataLoader(pointExamples(spirals({ count: 96, seed: 1 })), {
      batchSize: 16,
      seed: 3,
      shuffle,
    });

  test("changes no bit of the net, its gradients, streams and modes, or the loader's place", () => {
    const net = assemble(
      new Sequential([
        new Linear(2, 12),
        new BatchNorm1d(12),
        new ReLU(),
        new Dropout(0.2),
        new Linear(12, 3),
      ]),
      { seed: 1 },
    );
    net.layers[2]?.evaluate();
    const batches = makePoints();
    batches.epoch = 4;
    const { x, y } = batches.dataset.batch(Int32Array.of(1, 2, 3, 4));
    scope(() => crossEntropy(net.forward(x), y).backward());
    const trace = () => [
      fingerprint({ ...net.namedParameters(), ...net.namedBuffers() }),
      JSON.stringify(net.state()["streams"]),
      [...net.walk()].map(({ training }) => training),
      net.parameters().map(({ grad }) => (grad === null ? null : bitsOf(grad))),
      JSON.stringify(batches.state()),
    ];
    const before = trace();
    const first = diagnose({ net, loader: batches });
    expect(trace()).toEqual(before);
    expect(diagnose({ net, loader: batches })).toEqual(first); // and so says the same again
  });

  test("of a net that gives no classes skips the lines about classes, and judges the rest", () => {
    const { x } = makePoints().dataset.batch(Int32Array.from({ length: 32 }, (_, i) => i));
    const patient = {
      net: assemble(mlp([2, 16, 16, 1])),
      loader: [{ x, y: tensor([...x.elements()].flatMap((v, i) => (i % 2 === 0 ? [[v]] : []))) }],
      loss: (outputs: Tensor, { y }: { readonly y: Tensor }) => outputs.subtract(y).square().mean(),
    };
    expect(diagnose(patient).findings.map(({ check, status }) => `${status} ${check}`)).toEqual([
      "pass inputs",
      "skip loss",
      "skip initial-loss",
      "pass dead-units",
      "pass activations",
      "pass overfit-batch",
      "pass rate-range",
      "skip generalization",
    ]);
  });

  test("tells NaN among the inputs", () => {
    const x = tensor([
      [1, Number.NaN],
      [0, -1],
    ]);
    const y = tensor([0, 1], { dtype: "int32" });
    const [inputs] = diagnose({ net: assemble(mlp([2, 4, 2])), loader: [{ x, y }] }).findings;
    expect(inputs).toMatchObject({ status: "fail", found: "1 numbers are NaN or infinite" });
  });

  test("trains on its own quarter of validation where it is given one", () => {
    const { findings } = diagnose({
      net: assemble(mlp([2, 32, 3])),
      loader: makePoints(),
      validation: makePoints(false),
    });
    expect(findings.at(-1)?.found).toContain("of 96 trained on");
    expect(findings.at(-1)?.found).toContain("of 96 of validation are right");
  });

  const refusals: readonly (readonly [string, object, string])[] = [
    [
      "a net of nothing",
      { net: { forward: () => 0 } },
      "diagnose: expected net to be a layer of this bitgrad, got a Object. Give a net",
    ],
    [
      "a frozen net",
      { net: reluNet().freeze() },
      "diagnose: expected net to have parameters that are not frozen, got none",
    ],
    [
      "a rate of 0",
      { learningRate: 0 },
      "diagnose: expected learningRate to be a finite number > 0, got 0",
    ],
    [
      "a loader of nothing",
      { loader: [] },
      "diagnose: expected loader to give at least one example, got none",
    ],
    [
      "batches of another form",
      { loader: [{ images: 1, y: 2 }] },
      "diagnose: expected loader to give batches { x, y } of tensors with a batch axis, got { images, y }",
    ],
    [
      "a loss that is no number",
      { loss: (outputs: Tensor) => outputs },
      "diagnose: expected loss to give a 0-d tensor, got [32, 6] float32",
    ],
    [
      "an optimizer that is none",
      { optimizer: () => 3 },
      "diagnose: expected optimizer to give an Optimizer, got 3. Give adam itself",
    ],
  ];
  test.each(refusals)("refuses %s", (_, part, message) => {
    const patient = { net: reluNet(), loader, ...part };
    expect(messageOf(() => diagnose(patient as Patient), ValueError)).toContain(message);
  });
});

describe("bitgrad doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "bitgrad-doctor-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const moduleOf = (name: string, text: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text);
    return path;
  };

  test("prints a line for each check and ends well where none fails", async () => {
    const { status, output, errors } = await bitgrad("doctor", "spec/doctor/healthy.ts");
    expect([status, errors]).toEqual([0, ""]);
    const names = [
      "inputs",
      "loss",
      "initial-loss",
      "dead-units",
      "activations",
      "overfit-batch",
      "rate-range",
      "generalization",
    ];
    expect(output.split("\n").map((line) => line.slice(0, 20).trimEnd())).toEqual([
      ...names.map((name) => `pass  ${name}`),
      "",
    ]);
  });

  test("with --json prints one object, and ends with 1 where a line fails", async () => {
    const { status, output, errors } = await bitgrad("doctor", "spec/doctor/summed.ts", "--json");
    expect(status).toBe(1);
    expect(errors).toBe(
      'bitgrad doctor: expected the net of "spec/doctor/summed.ts" to fail no check, got fail in loss. Do what these lines say, the first of them first.\n',
    );
    const report: Diagnosis & { readonly module: string } = JSON.parse(output);
    expect([report.module, report.status, report.findings.length]).toEqual([
      "spec/doctor/summed.ts",
      "fail",
      8,
    ]);
    expect(report.findings[1]?.advice).toContain("Divide by the 32 examples");
    expect(output.trimEnd().split("\n")).toHaveLength(1);
  });

  const bad: readonly (readonly [name: string, text: string, message: string])[] = [
    ["broken", "export const net = ;", "to load, got "],
    ["throws", 'throw new Error("no data\\nhere");', "to load, got no data. Run the module alone"],
    ["missing", 'import "./not-there.mjs";', "to load, got Cannot find module"],
    ["empty", "", "to export net, a layer of this bitgrad, got exports of no name. Export a net"],
    [
      "misspelt",
      "export const nett = 1, loader = [];",
      "to export net, a layer of this bitgrad, got exports nett, loader",
    ],
    [
      "foreign",
      "class Net { forward() {} }; export const net = new Net();",
      "to export net, a layer of this bitgrad, got an object of class Net",
    ],
    [
      "failing",
      'export const net = () => { throw new TypeError("no width"); };',
      "to export net, which makes its part, got no width. The doctor calls it without arguments",
    ],
    [
      "rejecting",
      'export default async () => { throw "later"; };',
      "to export default, which makes its part, got later",
    ],
  ];
  test.each(bad)("says what is wrong with a module: %s", async (name, text, message) => {
    const path = moduleOf(name, text);
    const { status, output, errors } = await bitgrad("doctor", path);
    expect([status, output]).toEqual([1, ""]);
    expect(errors).toContain(`bitgrad doctor: expected "${path}" ${message}`);
    expect(errors.trimEnd().split("\n")).toHaveLength(1);
  });
});
