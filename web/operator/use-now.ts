import { useSession } from './session.ts'

/** The domain clock, which one machine can advance, as far as the session's answer tells. */
export const useNow = (): string => {
  const { data, dataUpdatedAt } = useSession()
  const started = data ? Date.parse(data.now) - dataUpdatedAt : 0
  return new Date(started + Date.now()).toISOString()
}
