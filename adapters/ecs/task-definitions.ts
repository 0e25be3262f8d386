import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  paginateListTaskDefinitionFamilies,
  paginateListTaskDefinitions,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Size } from '../../core/plan/plan.ts'
import { asking, askingIfThere, batchesOf, everyItem } from '../cells/aws-calls.ts'
import { ecsTags, tagNames } from '../cells/site-tags.ts'
import { type TaskDefinition, taskSizeOf } from './task-definition.ts'

interface Registered {
  readonly arn: string
  /** Whether new tasks may be made of it. */
  readonly isActive: boolean
  /** The digest in its tag; empty where it has none. */
  readonly digest: string
  readonly cpu: string | undefined
  readonly memory: string | undefined
  /** The ARNs of the parameters whose values its containers get. */
  readonly parameters: readonly string[]
}

/** The most that one `DeleteTaskDefinitions` takes. */
const deletedAtOnce = 10

/** The revisions of one site's task definition. An account may register about one a second, so what is there is used again. */
export const createTaskDefinitions = (ecs: ECSClient, installation: string) => {
  /** @param name an ARN, or a family for its latest active revision. */
  const describe = async (name: string): Promise<Registered | undefined> => {
    const found = await askingIfThere('look at a task definition', () =>
      ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] })),
    )
    const { taskDefinitionArn: arn, status, cpu, memory, containerDefinitions = [] } = found?.taskDefinition ?? {}
    if (arn === undefined) return undefined
    const digest = found?.tags?.find(({ key }) => key === tagNames.digest)?.value ?? ''
    const parameters = containerDefinitions.flatMap(({ secrets = [] }) =>
      secrets.flatMap(({ valueFrom }) => valueFrom ?? []),
    )
    return { arn, isActive: status === 'ACTIVE', digest, cpu, memory, parameters }
  }

  const list = (family: string, status: 'ACTIVE' | 'INACTIVE'): Promise<readonly string[]> =>
    asking("list a site's task definitions", () =>
      everyItem(
        paginateListTaskDefinitions({ client: ecs }, { familyPrefix: family, status }),
        ({ taskDefinitionArns }) => taskDefinitionArns,
      ),
    )

  const deregister = async (arns: readonly string[]): Promise<void> => {
    for (const taskDefinition of arns) {
      await askingIfThere('deregister a task definition', () =>
        ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition })),
      )
    }
  }

  const register = async (siteId: SiteId | undefined, definition: TaskDefinition, digest: string): Promise<string> => {
    const tags = [...ecsTags(installation, siteId), { key: tagNames.digest, value: digest }]
    const made = await asking('register a task definition', () =>
      ecs.send(new RegisterTaskDefinitionCommand({ ...definition, tags })),
    )
    const arn = made.taskDefinition?.taskDefinitionArn
    if (arn !== undefined) return arn
    throw new SitewrightError('RuntimeUnavailable', `ECS did not say what it registered of ${definition.family}.`)
  }

  const findLatest = async (family: string, digest: string): Promise<string | undefined> => {
    const latest = await describe(family)
    return latest?.isActive && latest.digest === digest ? latest.arn : undefined
  }

  const removeAll = async (family: string): Promise<void> => {
    await deregister(await list(family, 'ACTIVE'))
    for (const taskDefinitions of batchesOf(await list(family, 'INACTIVE'), deletedAtOnce)) {
      await asking('delete task definitions', () => ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions })))
    }
  }

  return {
    /** The ARN of the family's latest revision, if it has this digest. */
    findLatest,
    /** Empty where there is none. */
    digestOf: async (arn: string): Promise<string> => (await describe(arn))?.digest ?? '',
    hasSize: async (arn: string, size: Size): Promise<boolean> => {
      const [found, asked] = [await describe(arn), taskSizeOf(size)]
      return found?.cpu === asked.cpu && found.memory === asked.memory
    },
    /**
     * @param siteId undefined if it serves many.
     * @returns the ARN of the family's latest revision, where it has this digest, or of a new one.
     */
    ensure: async (siteId: SiteId | undefined, definition: TaskDefinition, digest: string): Promise<string> =>
      (await findLatest(definition.family, digest)) ?? register(siteId, definition, digest),
    /** Deregisters all revisions of a family but these. Tasks that run them are unaffected. */
    retireOthers: async (family: string, keep: readonly string[]): Promise<void> =>
      deregister((await list(family, 'ACTIVE')).filter((arn) => !keep.includes(arn))),
    /** The ARNs of the parameters that these revisions name, and the active ones of a family; undefined unless ECS tells of all. */
    parametersOf: async (arns: readonly string[], family: string): Promise<readonly string[] | undefined> => {
      const found = await Promise.all([...arns, ...(await list(family, 'ACTIVE'))].map(describe))
      return found.includes(undefined) ? undefined : found.flatMap((one) => one?.parameters ?? [])
    },
    removeAll,
    removeFamilies: async (familyPrefix: string): Promise<void> => {
      const pages = paginateListTaskDefinitionFamilies({ client: ecs }, { familyPrefix, status: 'ACTIVE' })
      for (const family of await asking("list a site's families", () => everyItem(pages, ({ families }) => families))) {
        await removeAll(family)
      }
    },
  }
}
