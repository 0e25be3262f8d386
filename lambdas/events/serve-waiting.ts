import type { EnterRefusalsPorts } from '../../core/audit/refusals.ts'
import { enterRefusals } from '../../core/audit/refusals.ts'
import type { MailQueuedPorts } from '../../core/signup/mail-code.ts'
import { mailQueuedCodes } from '../../core/signup/mail-code.ts'
import type { AdmitWaitingPorts } from '../../core/waiting-list/admit-waiting.ts'
import { admitWaiting } from '../../core/waiting-list/admit-waiting.ts'

/** Mails queued codes, invites waiting accounts and enters refusals in the audit log, even if one of them fails. */
export const serveWaiting = async (ports: MailQueuedPorts & AdmitWaitingPorts & EnterRefusalsPorts): Promise<void> => {
  try {
    await mailQueuedCodes(ports)
  } finally {
    try {
      await admitWaiting(ports)
    } finally {
      await enterRefusals(ports)
    }
  }
}
