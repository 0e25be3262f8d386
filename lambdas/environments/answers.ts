import * as z from 'zod'
import { deploymentAnswers } from '../deployments/answers.ts'
import { siteViewSchema } from '../sites/answers.ts'

const one = (description: string) => ({ description, schema: siteViewSchema })

export const environmentAnswers = {
  ...deploymentAnswers,
  listEnvironments: {
    200: {
      description: 'The environments, by name, also those that are deleted but not purged yet.',
      schema: z.strictObject({
        environments: z.array(siteViewSchema),
        max: z.int().describe('How many the plan allows, without deleted ones.'),
      }),
    },
  },
  createEnvironment: {
    200: one('The environment, which there was already.'),
    202: one('The environment, which is being built.'),
  },
  extendEnvironment: { 200: one('The environment with its new end.') },
  deleteEnvironment: { 200: one('The environment, with its `deletion`.') },
  restoreEnvironment: {
    200: one('The environment, which answers once it has started, or once the operation `restore` has ended.'),
  },
}
