import * as z from 'zod'

export const profileSchema = z.enum(['small', 'standard'])

/** CPU in cores, memory in MiB. */
const routerSizeSchema = z.strictObject({
  cpu: z.number().positive(),
  memoryMiB: z.int().positive(),
  min: z.int().min(1).max(100),
  max: z.int().min(1).max(100),
  /** Requests per minute and router above which another one starts. */
  requestsPerMinute: z.int().min(1000).max(1_000_000),
})

/** The settings of a stage that its profile decides unless the configuration does. */
export const profiledSettings = {
  router: routerSizeSchema.optional(),
  /** Whether web ACLs protect the console and the sites. */
  firewalls: z.boolean().optional(),
  /** Whether Container Insights measures the routers; no alarm needs it. */
  routerMetrics: z.boolean().optional(),
  /** In how many availability zones the endpoints are that containers start through. */
  endpointZones: z.int().min(1).max(3).optional(),
  /** How many sites are kept ready; `pool.target` by default. */
  poolTarget: z.int().min(0).max(1000).optional(),
}

/** What a stage gets that leaves these settings out. `small` has no redundancy. */
export const profiles = {
  small: {
    router: { cpu: 0.25, memoryMiB: 512, min: 1, max: 2, requestsPerMinute: 15_000 },
    firewalls: false,
    routerMetrics: false,
    endpointZones: 1,
    poolTarget: 1,
  },
  standard: {
    router: { cpu: 1, memoryMiB: 2048, min: 2, max: 20, requestsPerMinute: 60_000 },
    firewalls: true,
    routerMetrics: true,
    endpointZones: 3,
    poolTarget: undefined,
  },
} as const

type Profiled = z.infer<z.ZodObject<typeof profiledSettings>>

export const withProfile = <Stage extends Profiled & { readonly profile: z.infer<typeof profileSchema> }>(
  stage: Stage,
) => {
  const { router, firewalls, routerMetrics, endpointZones, poolTarget } = profiles[stage.profile]
  return {
    ...stage,
    router: stage.router ?? router,
    firewalls: stage.firewalls ?? firewalls,
    routerMetrics: stage.routerMetrics ?? routerMetrics,
    endpointZones: stage.endpointZones ?? endpointZones,
    poolTarget: stage.poolTarget ?? poolTarget,
  }
}
