import type { ErasePeoplePorts } from '../../core/account/erase-people.ts'
import { erasePeople } from '../../core/account/erase-people.ts'
import type { MailQueuedPorts } from '../../core/signup/mail-code.ts'
import { mailQueuedCodes } from '../../core/signup/mail-code.ts'
import type { AdmitWaitingPorts } from '../../core/waiting-list/admit-waiting.ts'
import { admitWaiting } from '../../core/waiting-list/admit-waiting.ts'

/** Mails queued codes, invites waiting accounts and erases people, even if one of these failed. */
export const serveWaiting = async (ports: MailQueuedPorts & AdmitWaitingPorts & ErasePeoplePorts): Promise<void> => {
  try {
    await mailQueuedCodes(ports)
  } finally {
    try {
      await admitWaiting(ports)
    } finally {
      await erasePeople(ports)
    }
  }
}
