import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const productDirectory = fileURLToPath(new URL('.', import.meta.url))
/** A blueprint whose sites answer with their settings, and print their secrets. */
export const configuredBlueprint = {
  name: 'welcome',
  version: 1,
  title: 'For a test',
  access: 'public',
  variables: { THEME: { default: 'light' }, API_KEY: { secret: true } },
  containers: [
    {
      name: 'web',
      image: 'sitewright/none:1',
      process: { command: ['node', 'configured-product.mjs'], directory: productDirectory },
      variables: ['THEME'],
      secrets: ['API_KEY'],
      files: { 'shop.conf': 'theme=${variable.THEME} key=${secret.API_KEY}' },
    },
  ],
  traffic: { container: 'web', healthPath: '/', startSeconds: 5 },
  data: { mode: 'exclusive' },
}

/** The commands of a page of the documentation, in their order. */
export const commandsOf = async (page: string): Promise<readonly string[]> => {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, command = '']) => command)
}

/** Runs commands as somebody would who has these variables. @returns the answer of each, which is JSON. */
export const commandRunner =
  (variables: Readonly<Record<string, string>>) =>
  async (command: string): Promise<Record<string, unknown>> => {
    const env = { PATH: process.env['PATH'], ...variables }
    return JSON.parse((await promisify(execFile)('bash', ['-c', command], { env })).stdout)
  }

export const filesBelow = async (path: string): Promise<readonly Buffer[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))))
}
