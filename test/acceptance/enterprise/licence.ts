import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'

export const extension = 'acme'
export const secondCell = 'fast'

const blueprints = resolve(import.meta.dirname, '../../../blueprints')
const startScript = new URL('start-acme.mjs', import.meta.url)
const companionScript = new URL('companion.mjs', import.meta.url)

const app = resolve(blueprints, '../sites/welcome')

/** Makes the directories of the story: the host's blueprints, and the disk of a second cell, which only relocations use. */
export const prepareEnterprise = async (directory: string): Promise<Readonly<Record<string, string>>> => {
  const welcome = await readBlueprint(join(blueprints, 'welcome.yaml'))
  const containers = welcome.containers.map(({ process, ...container }) => ({
    ...container,
    build: { context: app },
    process: { ...process, directory: app },
  }))
  const [own, disk] = [join(directory, 'blueprints'), join(directory, secondCell)]
  for (const made of [own, disk]) await mkdir(made)
  await writeFile(join(own, 'welcome.json'), JSON.stringify({ ...welcome, containers }))
  return { SITEWRIGHT_BLUEPRINTS: own, SITEWRIGHT_CELLS: `${secondCell}=${disk}:named` }
}

/** Another image, which a host builds from the one of the base. */
const writeImage = async (directory: string): Promise<string> => {
  const context = join(directory, 'image')
  await mkdir(context, { recursive: true })
  await writeFile(join(context, 'Dockerfile'), `FROM sitewright/welcome:6\nENV IMAGE_OF=${extension}\n`)
  return context
}

/**
 * Writes a version of the customer's extension: another image and command, one more container, and a secret that an administrator has to set.
 * @returns its file.
 */
export const writeLicence = async (directory: string, version: number, base: number): Promise<string> => {
  const build = { context: await writeImage(directory) }
  const part = async (file: URL) => {
    const script = basename(file.pathname)
    const command = ['node', `\${FILES_DIRECTORY}/${script}`]
    const content = await readFile(file, 'utf8')
    return {
      image: `sitewright/${extension}:1`,
      build,
      command,
      process: { command, directory: app },
      environment: { LICENCE: String(version) },
      secrets: ['ERP_KEY'],
      files: { [script]: content.replaceAll('$', '$$$$') },
    }
  }
  const file = join(directory, 'blueprints', `${extension}.json`)
  const content = {
    name: extension,
    version,
    extends: { name: 'welcome', version: base },
    title: 'Acme',
    plans: ['enterprise'],
    variables: { ERP_KEY: { description: 'The key of the ERP system.', secret: true, required: true } },
    containers: { web: await part(startScript), companion: await part(companionScript) },
    traffic: { startSeconds: 30 },
    release: {
      migrates: true,
      command: ['node', '-e', `fs.writeFileSync(process.argv[1], '${version}')`, '${DATA_DIRECTORY}/migrated'],
      checks: [{ path: '/api/licence', contains: `"licence":${version},"isFine":true` }],
    },
  }
  await writeFile(file, JSON.stringify(content))
  return file
}
