import { dirname, resolve } from 'node:path'
import * as z from 'zod'
import { readBlueprint } from '../../adapters/files/blueprint-files.ts'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { operatorToken } from '../command-line/operator-token.ts'
import { httpCall } from '../demo/http-call.ts'
import { PublishError } from './container-tool.ts'

/** Paths in a blueprint of another directory than the host's own would lead elsewhere there. */
const withPathsFrom = (directory: string, blueprint: Blueprint): Blueprint => ({
  ...blueprint,
  containers: blueprint.containers.map(({ build, process, ...container }) => ({
    ...container,
    ...(build === undefined ? {} : { build: { ...build, context: resolve(directory, build.context) } }),
    ...(process === undefined ? {} : { process: { ...process, directory: resolve(directory, process.directory) } }),
  })),
})

const answerSchema = z.object({ name: z.string(), version: z.int(), state: z.string() })
const problemSchema = z.object({ detail: z.string() })

/**
 * Publishes a blueprint's file to the host at an address; neither needs a restart.
 * @param hostDirectory the host's own directory of blueprints.
 * @returns a line for the terminal.
 * @throws {SitewrightError} `BlueprintInvalid` for a file that is at fault, {PublishError} with the API's words if it refuses.
 */
export const publishOnMachine = async (
  file: string,
  { url, hostDirectory }: { readonly url: string; readonly hostDirectory: string },
): Promise<string> => {
  const directory = dirname(resolve(file))
  const read = await readBlueprint(file)
  const blueprint = directory === resolve(hostDirectory) ? read : withPathsFrom(directory, read)
  const { status, json } = await httpCall({
    method: 'POST',
    url: `${url}/v1/operator/blueprints`,
    headers: { authorization: `Bearer ${await operatorToken(url)}` },
    body: { blueprint, reason: 'npm run publish-blueprint' },
  })
  const answer = answerSchema.safeParse(json)
  if (status !== 202 || !answer.success) {
    const problem = problemSchema.safeParse(json)
    throw new PublishError(problem.success ? problem.data.detail : `The API answered ${status}.`)
  }
  const { name, version, state } = answer.data
  return state === 'draft'
    ? `${name} ${version} is a draft. It becomes current once a site of it is healthy: GET /v1/operator/blueprints says more.`
    : `${name} ${version} is published already.`
}
