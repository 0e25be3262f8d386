// @ts-check

/** @typedef {{path: string, message: string}} FieldProblem */
/** Amounts are in the currency's minor units. */
/** @typedef {{amount: number, currency: string, interval: string}} Price */
/** @typedef {{id: string, name: string, prices: Price[]}} PlanOffer */

/** A failed request. `status` is 0 without an answer. `message` is for the reader. */
export class ApiError extends Error {
  /**
   * @param {number} status @param {string} message
   * @param {{errors?: FieldProblem[], type?: string, plans?: PlanOffer[]}} [problem]
   *   the problem of the API
   */
  constructor(status, message, { errors = [], type = '', plans } = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.fields = errors
    /** This problem describes each field; others have one sentence. */
    this.isAboutFields = type.endsWith(':invalid-request')
    /** The plans to choose from. */
    this.plans = plans
  }

  /** Whether a retry may succeed: no answer, or a server error. */
  get mayPass() {
    return this.status === 0 || this.status >= 500
  }
}

/** @param {Response} response @returns {Promise<any>} */
const bodyOf = (response) => response.json().catch(() => undefined)

/**
 * Calls the Sitewright API.
 * @param {string} method
 * @param {string} path
 * @param {{body?: object, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the parsed body; undefined where there is none
 * @throws {ApiError}
 */
export const call = async (method, path, { body, headers = {}, signal } = {}) => {
  /** @type {RequestInit} */
  const init = { method, headers: { accept: 'application/json', ...headers }, cache: 'no-store' }
  if (signal !== undefined) init.signal = signal
  if (body !== undefined) {
    init.headers = { ...init.headers, 'content-type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  const response = await fetch(path, init).catch((error) => {
    if (signal?.aborted) throw error
    throw new ApiError(0, 'Sitewright did not answer. Check your connection and try again.')
  })
  const answer = await bodyOf(response)
  if (response.ok) return answer
  const told = answer?.detail ?? answer?.title ?? `The request failed (${response.status}). Try again in a moment.`
  throw new ApiError(response.status, told, answer ?? {})
}
