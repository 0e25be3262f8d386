import { api, bodyOf } from '../api/client.ts'
import { useRead } from './view.tsx'

/** The blueprints with their versions. */
export const useBlueprints = (isEnabled = true) =>
  useRead('blueprints', (signal) => bodyOf(api.GET('/v1/operator/blueprints', { signal })), 30, isEnabled)

/** The last roll-out of each blueprint. */
export const useRollouts = (isEnabled = true) =>
  useRead('rollouts', (signal) => bodyOf(api.GET('/v1/operator/rollouts', { signal })), 10, isEnabled)

/** How many trials there are and may be. */
export const useTrials = () => useRead('trials', (signal) => bodyOf(api.GET('/v1/operator/trials', { signal })), 30)
