/**
 * Bad input causes the declared message, word by word, as an error of the table with its five parts.
 * Rests on bind and errors.
 */
import { bind } from "../../core/bind.ts";
import { BitgradError, errorTable } from "../../core/errors.ts";
import { tensorFrom } from "./arrays.ts";
import type { DeclaredLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

/** Law 7. */
export const declaredErrors: DeclaredLaw = {
  name: "declared errors",
  claim: "bad input causes the declared message, word by word",
  applies: (record) => record.errors.length > 0,
  checkAll: (record) => {
    for (const example of record.errors) {
      const { inputs, attributes, message } = example;
      const tensors = inputs.map((input) => tensorFrom(input));
      const error = thrownBy(() => bind(record, tensors, attributes));
      if (!(error instanceof BitgradError) || errorTable[error.name] === undefined) {
        broken("declared errors", record, example, "an error of the table", String(error));
      }
      if (!isAlike(error.message === message)) {
        broken("declared errors", record, example, `"${message}"`, `"${error.message}"`);
      }
    }
    return record.errors.length;
  },
};

function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return "no error";
}
