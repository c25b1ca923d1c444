import { z } from 'zod'
import { ExtractError } from './errors.ts'

/** A JSON body as received and as parsed. */
export interface BodyText {
  text: string
  value: unknown
  /** Dotted paths of fields that were given twice. */
  repeated: readonly string[]
}

/** Throws 400 `Invalid URL: …`. */
export function parseParams<Schema extends z.ZodType>(schema: Schema, params: unknown): z.output<Schema> {
  const result = schema.safeParse(params)
  if (result.success) return result.data
  throw new ExtractError(400, `Invalid URL: ${explain(result.error)}`, fieldErrors(result.error))
}

/** Throws 400 `Failed to deserialize query string: …`. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query)
  if (result.success) return result.data
  throw new ExtractError(400, `Failed to deserialize query string: ${explain(result.error)}`, fieldErrors(result.error))
}

const BODY_SHAPE = 'Failed to deserialize the JSON body into the target type'

/** A parser that throws 422 for JSON of the wrong shape, also for a known field given twice. */
export function parseBody<Schema extends z.ZodType>(schema: Schema): (body: BodyText) => z.output<Schema> {
  const known = knownFields(schema)
  return ({ value, repeated }) => {
    const twice = repeated.find((field) => known.has(field))
    if (twice !== undefined) {
      throw new ExtractError(422, `${BODY_SHAPE}: duplicate field ${twice}`, [
        { field: twice, message: 'must be given once' },
      ])
    }
    const result = schema.safeParse(value)
    if (result.success) return result.data
    throw new ExtractError(422, `${BODY_SHAPE}: ${explain(result.error)}`, fieldErrors(result.error))
  }
}

/** Dotted names of the declared fields, two levels deep: as far as a repeated field is looked for. */
function knownFields(schema: z.ZodType): ReadonlySet<string> {
  return new Set(
    Object.entries(shapeOf(schema)).flatMap(([name, field]) => [
      name,
      ...Object.keys(shapeOf(field)).map((inner) => `${name}.${inner}`),
    ]),
  )
}

function shapeOf(schema: unknown): Record<string, unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return shapeOf(schema.unwrap())
  return schema instanceof z.ZodObject ? schema.shape : {}
}

function fieldErrors(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
}

/** Names fields and what they must be; never quotes a value. */
function explain(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
    .join('; ')
}
