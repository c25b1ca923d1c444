import { z } from 'zod'

/** RFC 3339 in UTC with the fewest fractional digits that lose nothing: none or three (contract 1.7). */
export function presentTime(ms: number): string {
  const text = new Date(ms).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

export const timeSchema = (description: string) => z.string().meta({ format: 'date-time', description })
