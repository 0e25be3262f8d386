import type { Brake, BrakeStore } from '../ports/brake.ts'

/** The brake as the gates ask for it: read anew each time, since somebody may have pulled it a moment ago. */
export const brakeFromStore = (brakes: Pick<BrakeStore, 'read'>): Brake => ({
  isOn: async () => (await brakes.read())?.tripped !== undefined,
})
