import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { readBlueprintFiles } from '../../../adapters/files/blueprint-files.ts'
import { type ErrorKind, SitewrightError } from '../../../core/errors.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

let directory: string

beforeEach(async () => {
  directory = await directoryForTest()
})

const shop = `
name: shop
version: 3
title: Shop
containers:
  - name: web
    image: example/shop:3
traffic: { container: web }
data: { mode: shared }
`

const write = (name: string, text: string) => writeFile(join(directory, name), text)

const refusal = async (required: readonly string[] = [], kind: ErrorKind = 'BlueprintInvalid'): Promise<string> => {
  const error: unknown = await readBlueprintFiles(directory, required).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(SitewrightError)
  expect((error as SitewrightError).kind).toBe(kind)
  return (error as SitewrightError).message
}

describe('the blueprints of a directory', () => {
  it('are read from YAML and JSON; other files are none', async () => {
    await write('shop.yaml', shop)
    await write('blog.yml', shop.replace('name: shop', 'name: blog'))
    await write(
      'wiki.json',
      JSON.stringify({ ...(await readBlueprintFiles(directory, [])).blueprints[0], name: 'wiki' }),
    )
    await write('README.md', 'not a blueprint')
    await write('package.json', '{ "name": "shop", "version": "4.2.0" }')
    await write('labels.json', '["shop"]')
    await write('notes.yaml', '# nothing yet')
    await write('compose.yaml', 'services: { web: { image: example/shop } }')
    const { blueprints } = await readBlueprintFiles(directory, ['shop'])
    expect(blueprints.map(({ name, version }) => [name, version])).toEqual([
      ['blog', 3],
      ['shop', 3],
      ['wiki', 3],
    ])
  })

  it('may extend a version in another file, also one that extends another', async () => {
    const extending = (name: string, base: string) =>
      `{ name: ${name}, version: 1, extends: { name: ${base}, version: 3 } }`
    await write('acme.yaml', extending('acme', 'shop').replace('version: 1', 'version: 3'))
    await write('branch.yaml', extending('branch', 'acme'))
    await write('other.yaml', extending('other', 'lms'))
    await write('shop.yaml', shop)
    await write('tsconfig.json', '{ "extends": "./base.json" }')
    const { blueprints, extensions } = await readBlueprintFiles(directory, ['branch'])
    expect(blueprints.map(({ name }) => name)).toEqual(['shop', 'acme', 'branch'])
    expect(extensions.map(({ extension }) => extension.name)).toEqual(['acme', 'branch', 'other'])
    expect(await refusal(['other'], 'BlueprintUnknown')).toContain('has lms 3, which it extends')
    await write('acme.yaml', extending('acme', 'shop').replace(' }', ', vesrion: 3 }'))
    expect(await refusal()).toMatch(/acme\.yaml.*vesrion/s)
  })

  it('name paths that begin where they are', async () => {
    await write('shop.yaml', shop)
    const { blueprints, resolvePath } = await readBlueprintFiles(directory, [])
    expect(resolvePath(blueprints[0]!, '../shop')).toBe(join(directory, '..', 'shop'))
    expect(resolvePath(blueprints[0]!, '/srv/shop')).toBe('/srv/shop')
  })

  it('are refused where one is not YAML, by the name of its file', async () => {
    await write('shop.yaml', 'name: [shop')
    expect(await refusal()).toMatch(/shop\.yaml is not valid YAML: .* at line 1, column 12/)
    await write('shop.yaml', 'name: *nobody')
    expect(await refusal()).toMatch(/shop\.yaml is not valid YAML: .*nobody/)
  })

  it('are refused where one cannot be read', async () => {
    await mkdir(join(directory, 'shop.yaml'))
    expect(await refusal()).toMatch(/^the blueprint .*shop\.yaml cannot be read: EISDIR/)
  })

  it('are refused where one is wrong, with a line for each thing', async () => {
    await write('shop.yaml', shop.replace('version: 3', 'version: 0').replace('container: web', 'container: wob'))
    const message = await refusal()
    expect(message).toContain('shop.yaml is not a valid blueprint')
    expect(message).toContain('\n  version: ')
    await write('shop.yaml', shop.replace('container: web', 'container: wob'))
    expect(await refusal()).toContain("\n  traffic.container: no container is called 'wob'; there are: web")
  })

  it('are refused where one that is offered is missing', async () => {
    await write('shop.yaml', shop)
    expect(await refusal(['shop', 'welcome'], 'BlueprintUnknown')).toContain(
      "blueprint 'welcome' is offered in sitewright.config.ts",
    )
  })

  it('are refused where there is no such directory', async () => {
    await rm(directory, { recursive: true })
    expect(await refusal()).toBe(`the directory of blueprints, ${directory}, cannot be read`)
  })
})
