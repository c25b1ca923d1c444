import { z } from 'zod'
import { ERROR_CODES, type AppError, type FieldError } from '../base/errors.ts'

const fieldErrorSchema = z.object({
  field: z.string().describe('Dotted path of the field'),
  message: z.string().describe('What is wrong with it'),
})

const codeSchema = z.enum(ERROR_CODES).describe('Stable code of the refusal; never renamed or reused')

/** Error body of the endpoints this project added. */
export const errorSchema = z
  .object({
    error: codeSchema,
    message: z.string().describe('For people; says what to do next where that is known'),
    details: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'Error', description: 'Why a request was refused' })

/** Error body of `/users/register` and `/sessions/*`: the code alone (contract 1.6). */
export const codeErrorSchema = z
  .object({ error: codeSchema, details: z.array(fieldErrorSchema).optional() })
  .meta({ id: 'CodeError', description: 'Why an account or session request was refused' })

interface CodeErrorBody {
  error: string
  details?: FieldError[]
}

export function presentCodeError(error: AppError): CodeErrorBody {
  return { error: error.code, ...(error.details && { details: error.details }) }
}

export function presentError(error: AppError): z.output<typeof errorSchema> {
  return { error: error.code, message: error.message, ...(error.details && { details: error.details }) }
}
