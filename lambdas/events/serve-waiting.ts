import { type ErasePeoplePorts, erasePeople } from '../accounts/erase-people.ts'
import { type NoteRefusalPorts, noteRefusal } from '../leads/note-refusal.ts'
import { type EnterRefusalsPorts, enterRefusals } from '../operators/audit/refusals.ts'
import { type MailQueuedPorts, mailQueuedCodes } from '../signup/mail-code.ts'
import { type AdmitWaitingPorts, admitWaiting } from '../trials/waiting-list/admit-waiting.ts'

type ServeWaitingPorts = MailQueuedPorts & AdmitWaitingPorts & EnterRefusalsPorts & NoteRefusalPorts & ErasePeoplePorts

/** Mails queued codes, invites waiting accounts, enters refusals in the audit log and erases people, even if one of them fails. */
export const serveWaiting = async (ports: ServeWaitingPorts): Promise<void> => {
  try {
    await mailQueuedCodes(ports)
  } finally {
    try {
      await admitWaiting(ports)
    } finally {
      try {
        await enterRefusals(ports, (refusal) => noteRefusal(ports, refusal))
      } finally {
        await erasePeople(ports)
      }
    }
  }
}
