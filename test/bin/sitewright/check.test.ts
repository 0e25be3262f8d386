import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../bin/sitewright/failure.ts'
import { checkedText, checkFile } from '../../../bin/sitewright/read-file.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

const shop = `name: shop
title: Shop
containers:
  - name: web
    build:
      context: .
    secrets: [DB_PASSWORD]
traffic:
  container: web
data:
  mode: exclusive
`

const check = async (text: string) => {
  const file = join(directory, 'sitewright.yaml')
  await writeFile(file, text)
  return checkFile(file)
}

const problemsOf = async (text: string) => {
  const error = await check(text).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Failure)
  expect((error as Failure).ending).toBe('mistake')
  return (error as Failure).problems
}

describe('a mistake in the file', () => {
  it('has path, line, what is allowed and the nearest name', async () => {
    const text = shop
      .replace('    secrets', '    enviroment: {}\n    secrets')
      .replace('container: web', 'container: wbe')
    expect(await problemsOf(text)).toEqual([
      {
        path: 'containers.0.enviroment',
        line: 7,
        message: 'is not a field here',
        allowed: expect.arrayContaining(['environment', 'given', 'secrets', 'build']),
        nearest: 'environment',
      },
      {
        path: 'traffic.container',
        line: 10,
        message: expect.stringContaining("no container is called 'wbe'"),
        allowed: ['web'],
        nearest: 'web',
      },
    ])
  })

  it.each([
    [
      'a value',
      'mode: exclusive',
      'mode: exclusiv',
      { path: 'data.mode', line: 11, allowed: ['exclusive', 'shared'], nearest: 'exclusive' },
    ],
    [
      'a missing field',
      '  mode: exclusive',
      '  directory: /data',
      { path: 'data.mode', line: 10, allowed: ['exclusive', 'shared'] },
    ],
    ['a wrong type', 'title: Shop', 'title: [Shop]', { path: 'title', line: 2, message: 'must be a text' }],
    [
      'a secret that is not there',
      'data:',
      'dataSecrets: [DB_PASWORD]\ndata:',
      { path: 'dataSecrets.0', line: 10, allowed: ['DB_PASSWORD'], nearest: 'DB_PASSWORD' },
    ],
    ['a name that is unlike all', 'data:', 'zzzzzzzzzz: 1\ndata:', { path: 'zzzzzzzzzz', line: 10 }],
    [
      'an environment',
      'data:',
      'environments:\n  qa:\n    expires: soon\ndata:',
      { path: 'environments.qa.expires', line: 12 },
    ],
    [
      'a template',
      '    secrets',
      '    environment:\n      URL: ${SITE_URI}\n    secrets',
      { path: 'containers.0.environment.URL', line: 8 },
    ],
    [
      'a reserved variable',
      '    secrets',
      '    environment:\n      SITEWRIGHT_X: y\n    secrets',
      { path: 'containers.0.environment.SITEWRIGHT_X', line: 8 },
    ],
    ['YAML', 'title: Shop', 'title: Shop: 2', { line: 2 }],
    [
      'an alias without an anchor',
      '    secrets',
      '    <<: *common\n    secrets',
      { path: '', line: 7, message: 'is not valid YAML: no anchor &common is before *common' },
    ],
    [
      'aliases that grow',
      'title: Shop',
      ['x: &a [x, x, x]', ...'bcdefgh'].reduce(
        (text, to, at) => `${text}\n${to}: &${to} [${Array(9).fill(`*${'abcdefgh'[at - 1]}`)}]`,
      ),
      { path: '', line: 1, message: expect.stringContaining('Excessive alias count') },
    ],
    ['an empty file', shop, '', { path: '', line: 1 }],
  ])('is found for %s', async (_, from, to, problem) => {
    expect(shop).toContain(from)
    const [first] = await problemsOf(shop.replace(from, () => to))
    expect(first).toMatchObject(problem)
    if (!('nearest' in problem)) expect(first).not.toHaveProperty('nearest')
  })

  it('is a file that is not there', async () => {
    await expect(checkFile(join(directory, 'none.yaml'))).rejects.toThrow('sitewright init')
  })
})

describe('a valid file', () => {
  it('relaxes nothing by default', async () => {
    const checked = await check(shop)
    expect(checked).toMatchObject({ relaxed: [], notes: [] })
    expect(checkedText(checked)).toContain('relaxes no hardening')
  })

  it('says which hardening it relaxes, and where', async () => {
    const text = `${shop.replace('    secrets', '    capabilities: [CHOWN]\n    secrets')}access: public\noutbound: internet\n`
    const checked = await check(text)
    expect(checked.relaxed.map(({ hardening, path, line }) => [hardening, path, line])).toEqual([
      ['root', 'containers.0.capabilities', 7],
      ['outbound', 'outbound', 14],
      ['public', 'access', 13],
    ])
    expect(checkedText(checked)).toMatch(/:14: outbound relaxes 'outbound'/)
  })

  it('says so of an environment and of the user of the data too', async () => {
    const text = `${shop}  owner: { uid: 999, gid: 999 }\nenvironments:\n  qa: { outbound: internet }\n  demo: { outbound: none }\n`
    const checked = await check(text)
    expect(checked.relaxed.map(({ hardening, path, line }) => [hardening, path, line])).toEqual([
      ['root', 'data.owner', 12],
      ['outbound', 'environments.qa.outbound', 14],
    ])
    expect(checkedText(checked)).not.toContain('relaxes no hardening')
  })

  it('says that a plain process anonymises with a network', async () => {
    const process = shop.replace('    secrets', '    process: { command: [node, a.js] }\n    secrets')
    const text = `${process}anonymise: { command: [dump], load: [load] }\n`
    expect(checkedText(await check(text))).toContain('can reach the network')
  })

  it('may name features that only a plan knows', async () => {
    expect(
      await check(shop.replace('    secrets', '    environment: { A: "${feature.sso}" }\n    secrets')),
    ).toBeDefined()
  })
})

it('says of a file that cannot be read why, and not that there is none', async () => {
  await expect(checkFile(directory)).rejects.toThrow(`${directory} cannot be read: EISDIR`)
})
