import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly user: string
  readonly environment: Readonly<Record<string, string>>
  readonly volumes: readonly string[]
  readonly tmpfs: readonly string[]
  readonly ulimits: Readonly<Record<string, number>>
  readonly ports?: readonly string[]
  readonly network_mode?: string
}

/** Replaces names as Compose does: `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
const interpolated = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g, (_, name?: string, sign?: string, more = '') => {
    if (name === undefined) return '$'
    if (values[name]) return values[name]
    if (sign === '?') throw new Error(`${name}: ${more}`)
    return more
  })

const valuesIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value.replace(/^'(.*)'$/, '$1')]),
  )

/**
 * Runs the services of a compose file with an engine's program, and nothing else of Compose: in their order, without health checks.
 * @param program such as `podman`, with the words before a command.
 * @returns what removes them, with their images.
 */
export const runCompose = async (directory: string, program: readonly [string, ...string[]], port: number) => {
  const engine = async (...words: readonly string[]) =>
    (await promisify(execFile)(program[0], [...program.slice(1), ...words])).stdout.trim()
  const values = { ...valuesIn(await readFile(join(directory, '.env'), 'utf8')), SITE_PORT: String(port) }
  const text = await readFile(join(directory, 'compose.yaml'), 'utf8')
  const { name, services } = parse(interpolated(text, values)) as { name: string; services: Record<string, Service> }
  for (const file of await readdir(join(directory, 'images'))) {
    await engine('load', '--input', join(directory, 'images', file))
  }
  const containerOf = (service: string) => `compose-${name}-${service}`
  const each = (word: string, all: readonly string[]) => all.flatMap((one) => [word, one])
  for (const [service, one] of Object.entries(services)) {
    // What an interrupted test left.
    await engine('rm', '--force', '--ignore', containerOf(service))
    await engine(
      ...['run', '--detach', '--name', containerOf(service), '--user', one.user, '--read-only', '--cap-drop', 'ALL'],
      ...each(
        '--env',
        Object.entries(one.environment).map(([key, value]) => `${key}=${value}`),
      ),
      ...each(
        '--volume',
        one.volumes.map((volume) => resolve(directory, volume)),
      ),
      ...each('--tmpfs', one.tmpfs),
      ...each(
        '--ulimit',
        Object.entries(one.ulimits).map(([key, max]) => `${key}=${max}`),
      ),
      ...each('--publish', one.ports ?? []),
      ...(one.network_mode ? ['--network', `container:${containerOf(one.network_mode.replace('service:', ''))}`] : []),
      ...[one.image, ...(one.command ?? [])],
    )
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await engine('rm', '--force', ...Object.keys(services).map(containerOf))
      await engine('rmi', '--force', ...Object.values(services).map(({ image }) => image))
    },
  }
}
