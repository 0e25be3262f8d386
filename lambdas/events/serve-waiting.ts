import type { MailQueuedPorts } from '../../core/signup/mail-code.ts'
import { mailQueuedCodes } from '../../core/signup/mail-code.ts'
import type { AdmitWaitingPorts } from '../../core/waiting-list/admit-waiting.ts'
import { admitWaiting } from '../../core/waiting-list/admit-waiting.ts'

/** Mails queued codes, then invites waiting accounts, even if the first failed. */
export const serveWaiting = async (ports: MailQueuedPorts & AdmitWaitingPorts): Promise<void> => {
  try {
    await mailQueuedCodes(ports)
  } finally {
    await admitWaiting(ports)
  }
}
