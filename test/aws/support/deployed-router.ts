import dns from 'node:dns'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { vi } from 'vitest'
import { namesOf, routerLabel } from '../../../cloud/names.ts'
import { routerPartsOnAws } from '../../../cloud/router/router-parts.ts'
import { startRouter } from '../../../cloud/router/start-router.ts'
import { packRouterSettings } from '../../../cloud/router-settings.ts'
import { readEnvironment, routerVariables } from '../../../cloud/variables.ts'
import config from '../../../sitewright.config.ts'
import { sayPlayed } from '../say-played.ts'
import type { StartedProbingRouter } from './aws-world.ts'

interface StartedDeployedRouter extends StartedProbingRouter {
  readonly port: number
}

/** Resolves one name to this machine, and all others as usual. */
const playName = (name: string): void => {
  const lookup = dns.lookup
  const played = (hostname: string, options: unknown, callback: unknown): void => {
    const known = hostname === name ? '127.0.0.1' : hostname
    Reflect.apply(
      lookup,
      dns,
      [known, options, callback].filter((argument) => argument !== undefined),
    )
  }
  vi.spyOn(dns, 'lookup').mockImplementation(played as typeof dns.lookup)
}

/** A router as it is deployed, with the world's environment; visitors reach it without the load balancer. */
export const startDeployedRouter = async (
  environment: Readonly<Record<string, string>>,
  sitesDomain: string,
): Promise<StartedDeployedRouter> => {
  sayPlayed('the load balancer before the router, and the name that the router answers for itself at')
  const hostname = `${routerLabel}.${sitesDomain}`
  playName(hostname)
  const given = readEnvironment(routerVariables, { ...environment, PORT: '8080' })
  const { stages } = config
  const Value = packRouterSettings(config, stages[given.STAGE] ?? Object.values(stages)[0]!)
  const parameter = { Name: namesOf(given.STAGE).routerSettings, Type: 'String', Value, Overwrite: true } as const
  await new SSMClient().send(new PutParameterCommand(parameter))
  const parts = await routerPartsOnAws(given)
  const router = await startRouter({ parts, port: 0, longestDrainMilliseconds: 1000, quietMilliseconds: 0 })
  return { port: router.port, url: `http://${hostname}:${router.port}`, close: router.stop }
}
