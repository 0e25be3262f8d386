import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { followToEnd, jsonLines } from '../../../adapters/containers/engine.ts'

const valuesOf = async (stream: Readable): Promise<unknown[]> => {
  const values: unknown[] = []
  for await (const value of jsonLines(stream)) values.push(value)
  return values
}

test('lines are read whatever pieces they come in, and the last one without its end', async () => {
  const text = Buffer.from('{"a":"é"}\r\n\n{"b":2}\n{"c":3}')
  const pieces = Array.from(text, (_, index) => text.subarray(index, index + 1))
  expect(await valuesOf(Readable.from(pieces, { objectMode: false }))).toEqual([{ a: 'é' }, { b: 2 }, { c: 3 }])
})

test('a connection that breaks is an error, not an end', async () => {
  const broken = new Readable({ read: () => undefined })
  broken.push('{"a":1}\n')
  const reading = valuesOf(broken)
  setImmediate(() => broken.destroy())
  await expect(reading).rejects.toThrow()
})

test('a reported failure is thrown with what went before it', async () => {
  const progress = Readable.from(['{"stream":"STEP 2: COPY x /"}\n', '{"error":"no x"}\n'], { objectMode: false })
  await expect(followToEnd(progress)).rejects.toThrow('STEP 2: COPY x /\nno x')
})

test('progress without a failure ends', async () => {
  const progress = Readable.from(['{"status":"Pulling"}\n{"stream":"done\\n"}\n'], { objectMode: false })
  await expect(followToEnd(progress)).resolves.toBeUndefined()
})
