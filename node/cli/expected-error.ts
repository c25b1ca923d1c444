import { AppError } from '../base/errors.ts'
import { DataDirError } from '../config/data-dir.ts'
import { IdentityError } from '../config/identity.ts'
import { ConfigError } from '../config/problems.ts'
import { CommandError } from './running-node.ts'

const EXPECTED = [AppError, CommandError, ConfigError, DataDirError, IdentityError]

/** Errors that were written for the person at the keyboard: their message says what to do. */
export function isExpected(thrown: unknown): thrown is Error {
  return EXPECTED.some((kind) => thrown instanceof kind)
}
