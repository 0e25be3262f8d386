import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { createCellDirectory } from '../../../adapters/ssm/cell-directory.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

let aws: StartedAws
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws?.close())

let paths = 0
const cells = ['blue', 'green', 'teal', 'lime', 'navy']
/** An installation of its own, at a time of its own. */
const newDirectory = () => {
  paths += 1
  const path = `/sitewright/${aws.installation}-${paths}/cells`
  const clock = { now: 0 }
  const put = (name: string, Value: string) =>
    aws.clients.ssm.send(new PutParameterCommand({ Name: `${path}/${name}`, Value, Type: 'String', Overwrite: true }))
  return {
    directory: createCellDirectory({ ssm: aws.clients.ssm, path, cells, monotonic: () => clock.now }),
    clock,
    put,
    describe: (cell: CellDescription) => put(cell.name, JSON.stringify(cell)),
    forget: (name: string) => aws.clients.ssm.send(new DeleteParameterCommand({ Name: `${path}/${name}` })),
  }
}

test('cells are what they describe themselves as', async () => {
  const { directory, describe } = newDirectory()
  const [blue, green] = [await aws.makeCell('blue'), await aws.makeCell('green')]
  await describe(blue)
  await describe(green)
  expect(await directory.all()).toEqual(expect.arrayContaining([blue, green]))
  expect(await directory.describe('green')).toEqual(green)
})

test('one that the configuration does not name is none, whatever it says of itself', async () => {
  const { directory, describe, put } = newDirectory()
  const [navy, other] = [await aws.makeCell('navy'), await aws.makeCell('red')]
  await describe(navy)
  await describe(other)
  await put('later', '{"schemaVersion":2}')
  expect(await directory.all()).toEqual([navy])
  await expect(directory.describe('red')).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
})

test('they are remembered for some minutes, and a new one is found at once on request', async () => {
  const { directory, clock, describe, forget } = newDirectory()
  const [blue, green] = [await aws.makeCell('teal'), await aws.makeCell('lime')]
  await describe(blue)
  expect(await directory.all()).toEqual([blue])
  await describe(green)
  expect(await directory.all()).toEqual([blue])
  expect(await directory.describe('lime')).toEqual(green)
  await forget('teal')
  expect(await directory.describe('teal')).toEqual(blue)
  clock.now = 300_000
  expect(await directory.all()).toEqual([green])
})

test('a cell that has not described itself, or not in words of ours, is named', async () => {
  const { directory, put } = newDirectory()
  await expect(directory.describe('blue')).rejects.toMatchObject({
    kind: 'RuntimeUnavailable',
    message: expect.stringContaining("'blue'"),
  })
  await put('blue', '{"schemaVersion":2}')
  await expect(directory.describe('blue')).rejects.toMatchObject({
    kind: 'RuntimeUnavailable',
    message: expect.stringContaining('/blue does not describe a cell'),
  })
})
