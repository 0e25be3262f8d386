import type { Engine } from '../../../adapters/containers/engine.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { isId, type SiteId } from '../../../core/ids.ts'
import config from '../../../sitewright.config.ts'
import { type Answer, call } from '../../e2e/call.ts'
import * as visitor from '../../e2e/visitor.ts'
import { probeImage } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { sayPlayed } from '../say-played.ts'
import { wake } from '../support/aging.ts'
import { asContainers } from '../support/as-containers.ts'
import { type AwsWorld, openAwsWorld } from '../support/aws-world.ts'
import { startDeployedRouter } from '../support/deployed-router.ts'
import type { Played, WatchCalls } from '../support/fault-proxy.ts'
import { type PlayedEdge, playEdge } from '../support/play-edge.ts'
import { type PlayedEvents, playEvents } from '../support/play-events.ts'
import { playOperators } from '../support/play-operators.ts'
import { recordMail, type SentMail } from '../support/record-mail.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

export interface Owner {
  readonly bearer: { readonly authorization: string }
  readonly email: string
}

/** All of Sitewright on the emulator, as it is deployed, and those who visit it. */
export interface Installation {
  readonly world: AwsWorld
  readonly events: PlayedEvents
  readonly edge: PlayedEdge
  /** The JSON bodies of the calls of an operation, such as `ecs.CreateService`. */
  readonly asked: (operation: string) => readonly Record<string, unknown>[]
  /** Does something before a call is sent. */
  readonly beforeCalls: (act: WatchCalls) => void
  readonly mailTo: (address: string) => readonly SentMail[]
  readonly signIn: (email: string) => Promise<Owner>
  readonly createSite: (owner: Owner, slug: string) => Promise<Answer<visitor.SiteBody>>
  /** Creates a site and waits for the end of its build. The sweep resumes a build whose workflow failed, three times in all. */
  readonly buildSite: (owner: Owner, slug: string) => Promise<Answer<visitor.SiteBody>>
  readonly siteOf: (owner: Owner, siteId: SiteId) => Promise<visitor.SiteBody>
  /** Asks a site as the load balancer passes it on. */
  readonly visit: (slug: string, path: string) => Promise<Answer>
  /** The token of an administrator. */
  readonly administrator: string
  readonly close: () => Promise<void>
}

export const sitesDomain = config.stages['production']!.sites.domain

export const siteIdOf = ({ id }: { readonly id: string }): SiteId => {
  if (isId('site', id)) return id
  throw new Error(`${id} is no site's id`)
}

/** @param options.engine what tasks run with; as processes of this machine where there is none. */
export const openInstallation = async ({
  blueprint,
  engine,
  aws: given,
  cells,
  played,
}: {
  readonly blueprint: Blueprint
  readonly engine: Engine | undefined
  /** Where it is; a place of its own unless told. It is closed with the installation. */
  readonly aws?: StartedAws
  readonly cells?: readonly string[]
  /** What more the emulator does not do. */
  readonly played?: Readonly<Record<string, Played>>
}): Promise<Installation> => {
  if (engine !== undefined) sayPlayed("ECR's image is one of this machine's own Node, for its own architecture")
  const aws = given ?? (await startAws(engine === undefined ? {} : asContainers({ engine, imageOf: () => probeImage })))
  const bodies = new Map<string, Record<string, unknown>[]>()
  let beforeCall: WatchCalls = () => undefined
  const mail = await recordMail({ from: 'no-reply@try.example.com', configurationSet: 'sitewright-production' })
  const operators = await playOperators()
  let port = 0
  const opened = await openAwsWorld(aws, {
    blueprint,
    ...(cells && { cells }),
    played: { ...operators.operations, ...played },
    openRouter: async (environment) => {
      const router = await startDeployedRouter(environment, sitesDomain)
      port = router.port
      return router
    },
    watch: async (operation, body) => {
      await beforeCall(operation, body)
      mail.watch(operation, body)
      if (!operation.startsWith('ecs.')) return
      const input = JSON.parse(body.toString('utf8')) as Record<string, unknown>
      bodies.set(operation, [...(bodies.get(operation) ?? []), input])
    },
  })
  const edge = await playEdge(opened.functions, opened.secrets.origin)
  const events = await playEvents(opened)
  const settled = async (): Promise<void> => {
    for (let started = -1; started < opened.executions().length; ) {
      started = opened.executions().length
      await opened.settled()
      await events.settled()
    }
  }
  const world: AwsWorld = { ...opened, settled }

  const codeOf = (email: string, signupId: string): Promise<string> =>
    waitFor(async () => {
      const found = mail.mailTo(email).find(({ text }) => text.includes(signupId))
      return /^[B-Z]{4}-[B-Z]{4}$/m.exec(found?.text ?? '')?.[0]
    })

  const createSite: Installation['createSite'] = (owner, slug) => visitor.createSite(edge.distribution, owner, { slug })

  return {
    world,
    events,
    edge,
    asked: (operation) => bodies.get(operation) ?? [],
    beforeCalls: (act) => {
      beforeCall = act
    },
    mailTo: mail.mailTo,
    signIn: async (email) => {
      const { id } = (await visitor.startSignup(edge.distribution, email)).json
      const { session } = (await visitor.verify(edge.distribution, id, await codeOf(email, id))).json
      return { email, bearer: { authorization: `Bearer ${session.token}` } }
    },
    createSite,
    buildSite: async (owner, slug) => {
      const answer = await createSite(owner, slug)
      const id = siteIdOf(answer.json)
      await settled()
      await waitFor(async () => {
        if ((await world.sites.get(id))?.status !== 'building') return true
        await wake(world, 'heal-work')
        return false
      })
      return answer
    },
    siteOf: (owner, siteId) => visitor.getSite(edge.distribution, owner, siteId),
    visit: (slug, path) =>
      call({ port }, { path, at: `${slug}.${sitesDomain}`, headers: { 'x-forwarded-for': '198.51.100.7' } }),
    administrator: await operators.tokenOf(opened.environment),
    close: async () => {
      await world.settled()
      await events.close()
      await edge.close()
      await world.close()
      await aws.close()
    },
  }
}
