import type { Blueprint } from '../blueprint/blueprint.ts'
import type { Endpoint } from '../site/location.ts'

export const healthFailures = ['refused', 'silent', 'broken', 'unknown'] as const

/** What a site answers on its health path, or why there is no answer. */
export type HealthAnswer =
  | { readonly status: number; readonly location?: string }
  | { readonly failure: (typeof healthFailures)[number] }

/** Where a site is asked whether it is healthy, and what it answers then. */
export type HealthTarget = Pick<Blueprint['traffic'], 'healthPath' | 'healthStatus'>

/** Whether an answer is a healthy site's: the status that its blueprint names, otherwise 2xx or 3xx. */
export const isWell = (answer: HealthAnswer | undefined, healthStatus?: number): boolean =>
  answer !== undefined &&
  'status' in answer &&
  (healthStatus === undefined ? answer.status >= 200 && answer.status < 400 : answer.status === healthStatus)

export interface HealthProbe {
  /** Never throws. @returns undefined if the site could not be asked, which says nothing about it. */
  readonly isHealthy: (endpoint: Endpoint, target: HealthTarget) => Promise<boolean | undefined>
}

export interface ReleaseCheck {
  readonly path: string
  readonly status: number
  /** A text that the first MiB of the answer contains. */
  readonly contains?: string | undefined
  readonly notContains?: string | undefined
  /** Sent with the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The hostname of the site: instead of the rest, strangers must find nothing there that sets the product up. */
  readonly strangersAt?: string | undefined
  readonly publicPages?: readonly string[] | undefined
}

export interface CheckProbe {
  /** Never throws. */
  readonly meets: (endpoint: Endpoint, check: ReleaseCheck) => Promise<boolean>
}

export interface AskingProbe extends HealthProbe {
  /** Never throws. */
  readonly ask: (endpoint: Endpoint, path: string) => Promise<HealthAnswer>
}
