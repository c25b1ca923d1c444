import { describe, expect, test } from 'vitest'
import { CHANNEL, startRules } from '../kit/rule-server.ts'

describe('what cannot be read', () => {
  test.each([
    ['hyphenated', CHANNEL],
    ['upper case', CHANNEL.toUpperCase()],
    ['plain digits', CHANNEL.replaceAll('-', '')],
    ['in braces', `%7B${CHANNEL}%7D`],
    ['as a urn', `urn:uuid:${CHANNEL}`],
  ])('an id may be %s', async (_, id) => {
    await using server = await startRules()

    const response = await server.get(`/things/${id}?limit=-3`)

    expect(await response.json()).toEqual({ id: CHANNEL, limit: -3 })
  })

  test.each([
    ['an id that is no UUID', '/things/abc', 'Invalid URL:'],
    ['an undecodable path', '/things/%zz', 'Invalid URL:'],
    ['a limit that is no number', `/things/${CHANNEL}?limit=abc`, 'Failed to deserialize query string'],
    ['a fraction', `/things/${CHANNEL}?limit=1.5`, 'Failed to deserialize query string'],
    ['an empty limit', `/things/${CHANNEL}?limit=`, 'Failed to deserialize query string'],
    ['a limit given twice', `/things/${CHANNEL}?limit=1&limit=2`, 'Failed to deserialize query string'],
  ])('%s is a 400 in plain text', async (_, path, start_) => {
    await using server = await startRules()

    const response = await server.get(path)

    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toMatch(new RegExp(`^${start_}`))
  })

  const JSON_TYPE = 'application/json'
  const SYNTAX = 'Failed to parse the request body as JSON'
  const SHAPE = 'Failed to deserialize the JSON body into the target type'
  const LONE = '{"name":"\\ud800"}'
  test.each<[string, string | undefined, NonNullable<RequestInit['body']>, number, string]>([
    ['no content type', undefined, new Uint8Array([0x7b, 0x7d]), 415, 'Expected request with'],
    ['text', 'text/plain', '{}', 415, 'Expected request with'],
    ['jsonish', 'application/jsonx', '{}', 415, 'Expected request with'],
    ['an empty body', JSON_TYPE, '', 400, SYNTAX],
    ['no JSON', JSON_TYPE, '{"name":', 400, SYNTAX],
    ['trailing characters', JSON_TYPE, '{"name":"x"} x', 400, SYNTAX],
    ['a byte order mark', JSON_TYPE, '\ufeff{"name":"x"}', 400, SYNTAX],
    ['no UTF-8', JSON_TYPE, new Uint8Array([0x22, 0xff, 0x22]), 400, SYNTAX],
    ['a lone surrogate', JSON_TYPE, LONE, 400, SYNTAX],
    ['deep nesting', JSON_TYPE, `{"name":${'['.repeat(128)}${']'.repeat(128)}}`, 400, SYNTAX],
    ['very deep nesting', JSON_TYPE, `${LONE.slice(0, -1)},"x":${'['.repeat(9e5)}${']'.repeat(9e5)}}`, 400, SYNTAX],
    ['a missing field', JSON_TYPE, '{}', 422, SHAPE],
    ['a wrong type', JSON_TYPE, '{"name":1}', 422, SHAPE],
    ['null for a required field', JSON_TYPE, '{"name":null}', 422, SHAPE],
    ['another JSON value', JSON_TYPE, '"name"', 422, SHAPE],
    ['a field given twice', JSON_TYPE, '{"name":"x","n\\u0061me":"y"}', 422, SHAPE],
    ['an inner field given twice', JSON_TYPE, '{"name":"","nested":{"inner_id":"x","inner_id":"y"}}', 422, SHAPE],
    ['a wrong inner field', JSON_TYPE, '{"name":"","nested":{}}', 422, SHAPE],
    ['a long body', JSON_TYPE, JSON.stringify({ name: 'x'.repeat(2_097_152) }), 413, 'Failed to buffer'],
  ])('%s is refused before anybody asks for a token', async (_, contentType, body, status, begin) => {
    await using server = await startRules()
    const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }

    const response = await server.fetch('/things', { method: 'POST', headers, body })

    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect((await response.text()).slice(0, begin.length)).toBe(begin)
  })

  test.each([
    ['unknown fields', '{"name":"x","other":1,"other":2}'],
    ['null for an optional field', '{"name":"x","note":null,"nested":null}'],
    ['fields of the same name in different objects', '{"name":"x","nested":{"inner_id":"y","name":"z"}}'],
    ['a repeated key in a list', '{"name":"x","other":[{"a":1,"a":2},{"name":1}]}'],
    ['a paired surrogate', '{"name":"\\ud83d\\ude00"}'],
    ['nesting of 128 levels', `{"name":"x","other":${'['.repeat(127)}${']'.repeat(127)}}`],
  ])('%s is fine', async (_, body) => {
    await using server = await startRules()
    const headers = { 'content-type': 'application/merge-patch+JSON; charset=utf-8', authorization: 'Bearer alice' }

    const response = await server.fetch('/things', { method: 'POST', headers, body })

    expect(await response.text()).toContain('"by":"alice"')
    expect(response.status).toBe(200)
  })

  test('a body of unknown length is cut off at the limit', async () => {
    await using server = await startRules({ config: { bodyMaxBytes: 1024 } })
    const chunk = new TextEncoder().encode('x'.repeat(512))
    const body = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 8; count += 1) controller.enqueue(chunk)
        controller.close()
      },
    })
    const init = { method: 'POST', headers: { 'content-type': JSON_TYPE }, body, duplex: 'half' } as RequestInit

    expect((await server.fetch('/things', init)).status).toBe(413)
  })

  test('our own endpoints say it in our own words', async () => {
    await using server = await startRules()

    const response = await server.post('/own', { name: 1 })

    expect(response.status).toBe(422)
    expect(await response.json()).toEqual({
      error: 'validation_error',
      message: expect.stringContaining(SHAPE),
      details: [{ field: 'name', message: expect.any(String) }],
    })
  })

  test('what a password looks like never comes back', async () => {
    await using server = await startRules()

    const response = await server.fetch('/things', {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body: '{"password":"hunter2" oops',
    })

    expect(await response.text()).not.toContain('hunter2')
  })
})
