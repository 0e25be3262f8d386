import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type EmbeddedEngineName,
  engineFinders,
  type FindProgram,
  findDynamodbLocal,
  findDynoxide,
} from '../../../local/engine/engine.ts'
import { chooseEngine } from '../../../local/engine/start-engine.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

const found =
  (name: EmbeddedEngineName): FindProgram =>
  async () => ({ program: { name, command: name, argumentsFor: () => [] } })
const missing: FindProgram = async () => ({ missing: 'is not there' })

const both = { dynoxide: found('dynoxide'), 'dynamodb-local': found('dynamodb-local') }
const onlyJava = { dynoxide: missing, 'dynamodb-local': found('dynamodb-local') }
const none = { dynoxide: missing, 'dynamodb-local': missing }

let directory: string

beforeEach(async () => {
  directory = await directoryForTest()
})

const choose = async (environment: NodeJS.ProcessEnv, finders: Parameters<typeof chooseEngine>[2]) =>
  (await chooseEngine(directory, environment, finders)).name

describe('the choice of an engine', () => {
  it.each([
    ['dynoxide where it can be run', {}, both, 'dynoxide'],
    ['DynamoDB Local where dynoxide cannot', {}, onlyJava, 'dynamodb-local'],
    ['what SITEWRIGHT_ENGINE says', { SITEWRIGHT_ENGINE: 'dynamodb-local' }, both, 'dynamodb-local'],
    ['DYNAMODB_ENDPOINT before all', { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' }, both, 'endpoint'],
  ])('falls on %s', async (_, environment, finders, expected) => {
    expect(await choose(environment, finders)).toBe(expected)
  })

  it('stays with the engine that the home began with, even when a better one appears', async () => {
    await choose({}, onlyJava)
    expect(await choose({}, both)).toBe('dynamodb-local')
  })

  it.each([
    ['dynoxide', {}, { SITEWRIGHT_ENGINE: 'dynamodb-local' }, 'unset DYNAMODB_ENDPOINT and SITEWRIGHT_ENGINE'],
    ['dynoxide', {}, { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' }, 'unset DYNAMODB_ENDPOINT and SITEWRIGHT_ENGINE'],
    ['the endpoint', { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000' }, {}, 'set DYNAMODB_ENDPOINT, or'],
  ])('refuses to leave %s once the home has its state there', async (name, before, after, remedy) => {
    await choose(before, both)
    const refusal = choose(after, both)
    await expect(refusal).rejects.toThrow(`keeps its state in ${name}`)
    await expect(refusal).rejects.toThrow(remedy)
  })

  it('names all three ways where there is none, and writes nothing down', async () => {
    await expect(choose({}, none)).rejects.toThrow(/three.*\n.*dynoxide.*\n.*DynamoDB Local.*\n.*DYNAMODB_ENDPOINT/)
    expect(await readdir(directory)).toEqual([])
  })

  it('does not fall back to another engine than the one of the home', async () => {
    await choose({ SITEWRIGHT_ENGINE: 'dynoxide' }, both)
    await expect(choose({}, onlyJava)).rejects.toThrow(/cannot run:\n {2}dynoxide is not there$/)
  })

  it.each([
    [{ SITEWRIGHT_ENGINE: 'dynalite' }, 'SITEWRIGHT_ENGINE is dynalite; set it to dynoxide or dynamodb-local'],
    [{ DYNAMODB_ENDPOINT: 'localhost:8000' }, 'DYNAMODB_ENDPOINT must be an http or https URL'],
  ])('refuses %o', async (environment, message) => {
    await expect(choose(environment, both)).rejects.toThrow(message)
  })

  it('refuses a damaged record instead of guessing', async () => {
    await writeFile(join(directory, 'engine.json'), '{')
    await expect(choose({}, both)).rejects.toThrow('engine.json is damaged')
  })

  it('never falls on DynamoDB Local for a host of the public, not even where its home began with it', async () => {
    const ours = engineFinders({ isPublic: true })
    const refusal = /DynamoDB Local loses acknowledged writes.*a public host may not use it/
    await expect(choose({ SITEWRIGHT_ENGINE: 'dynamodb-local' }, ours)).rejects.toThrow(refusal)
    await choose({}, onlyJava)
    await expect(choose({}, ours)).rejects.toThrow(refusal)
  })

  it('says that Java is what DynamoDB Local lacks', async () => {
    expect(await findDynamodbLocal({ PATH: directory })).toEqual({
      missing: 'needs Java 17 or newer, and java was not found',
    })
  })

  it('does not take a Java that is too old', async () => {
    const program = '#!/bin/sh\necho \'openjdk version "11.0.2" 2019-01-15\' >&2\n'
    await writeFile(join(directory, 'java'), program, { mode: 0o755 })
    expect(await findDynamodbLocal({ PATH: `${directory}:/bin` })).toEqual({
      missing: 'needs Java 17 or newer, and java is Java 11',
    })
  })
})

describe('the binary of dynoxide', () => {
  it('is refused with its digest if it is another one', async () => {
    const command = join(directory, 'dynoxide')
    await writeFile(command, 'another program', { mode: 0o755 })
    expect(await findDynoxide(command)).toEqual({
      missing: expect.stringMatching(/^is installed, but \S+ is another binary \(SHA-256 [0-9a-f]{64}\)$/),
    })
  })
})
