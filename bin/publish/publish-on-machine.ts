import * as z from 'zod'
import { readBlueprintFile } from '../../adapters/files/blueprint-files.ts'
import { httpCall } from '../command-line/http-call.ts'
import { operatorToken } from '../command-line/operator-token.ts'
import { PublishError } from './container-tool.ts'

const answerSchema = z.object({ name: z.string(), version: z.int(), state: z.string() })
const problemSchema = z.object({ detail: z.string() })

/**
 * Publishes a blueprint's file to the host at an address; neither needs a restart.
 * @returns a line for the terminal.
 * @throws {SitewrightError} `BlueprintInvalid` for a file that is at fault, {PublishError} with the API's words if it refuses.
 */
export const publishOnMachine = async (file: string, { url }: { readonly url: string }): Promise<string> => {
  const content = await readBlueprintFile(file)
  const { status, json } = await httpCall({
    method: 'POST',
    url: `${url}/v1/operator/blueprints`,
    headers: { authorization: `Bearer ${await operatorToken(url)}` },
    body: { ...content, reason: 'npm run publish-blueprint' },
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
