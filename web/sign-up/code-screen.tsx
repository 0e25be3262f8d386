import { useMutation, useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { hasLocal } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Checkbox, Field } from '../ui/field.tsx'
import { Notice } from '../ui/panel.tsx'
import { isStartedFor, marketingText, requestCode, type Started, screenAt, startedBefore } from './request-code.ts'
import { Screen, usePage } from './screen.tsx'
import { placeAfterSignIn, useSession, useSignIn } from './use-sign-in.ts'

const secondsUntil = (at: number): number => Math.max(0, Math.ceil((at - Date.now()) / 1000))

/** The whole seconds until an instant in milliseconds, counted down. */
const useSecondsUntil = (at: number): number => {
  const [seconds, setSeconds] = useState(() => secondsUntil(at))
  useEffect(() => {
    setSeconds(secondsUntil(at))
    const timer = setInterval(() => setSeconds(secondsUntil(at)), 250)
    return () => clearInterval(timer)
  }, [at])
  return seconds
}

const letters = 8
/** A copied code may have its hyphen, or spaces around it. */
const lettersIn = (typed: string): string => typed.replace(/[^a-z]/gi, '').toUpperCase()

const resendMilliseconds = 30_000

const LocalMailbox = () => {
  const { t, nodes } = usePage()
  const { data: isThere } = useQuery({
    queryKey: ['local-mailbox'],
    queryFn: () => hasLocal('/_local/mail'),
    staleTime: Infinity,
  })
  if (isThere !== true) return null
  const link = (
    <a href="/_local/mail" target="_blank" rel="noopener">
      {t('code.local-link')}
    </a>
  )
  return <Notice>{nodes('code.local', { link })}</Notice>
}

const Resend = () => {
  const { settings, t, format, sayProblem } = usePage()
  const started = startedBefore()
  const seconds = useSecondsUntil((started?.at ?? 0) + resendMilliseconds)
  const sending = useMutation({
    mutationFn: (given: Started) => requestCode(given, settings, () => undefined),
    onSuccess: (id) => location.replace(screenAt(`signups/${id}`)),
  })
  if (started === undefined) return null
  const isWaiting = seconds > 0
  return (
    <>
      <Button tone="plain" isBusy={sending.isPending} isDisabled={isWaiting} onClick={() => sending.mutate(started)}>
        {isWaiting ? t('code.resend-wait', { wait: format.duration(seconds) }) : t('code.resend')}
      </Button>
      {sending.isError ? <Notice tone="danger">{sayProblem(sending.error)}</Notice> : null}
    </>
  )
}

/** The second screen: takes the code as soon as it is complete. */
export const CodeScreen = ({ id }: { readonly id: string }) => {
  const { t, nodes, settings, sayProblem } = usePage()
  const input = useRef<HTMLInputElement>(null)
  const [code, setCode] = useState('')
  const [isIncomplete, setIncomplete] = useState(false)
  const signIn = useSignIn(id)
  const { isError } = signIn
  useEffect(() => input.current?.focus(), [])
  const { data: email } = useSession()
  const { isIdle } = signIn
  useEffect(() => {
    // The link of the mail was used in another tab.
    if (!isIdle || !email || !isStartedFor(email)) return
    placeAfterSignIn(settings).then(
      (place) => location.replace(place),
      () => undefined,
    )
  }, [isIdle, email, settings])
  useEffect(() => {
    if (isError) input.current?.select()
  }, [isError])

  const take = (typed: string): void => {
    setCode(typed)
    setIncomplete(false)
    if (isError) signIn.reset()
    const found = lettersIn(typed)
    if (found.length === letters && !signIn.isPending) signIn.mutate({ code: found })
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    take(code)
    setIncomplete(lettersIn(code).length !== letters)
  }

  const mailbox = <strong>{startedBefore()?.email ?? t('code.mailbox')}</strong>
  const told = isError ? sayProblem(signIn.error) : undefined
  return (
    <Screen step={2} title={t('code.title')} lead={nodes('code.lead', { email: mailbox })}>
      <LocalMailbox />
      <form noValidate onSubmit={submit}>
        <Field
          ref={input}
          label={t('code.label')}
          name="code"
          variant="code"
          autoCapitalize="characters"
          autoComplete="one-time-code"
          spellCheck={false}
          maxLength={20}
          required
          value={code}
          onChange={({ target }) => take(target.value)}
          problem={isIncomplete ? t('code.invalid') : told}
        />
        <Button type="submit" isBusy={signIn.isPending || signIn.isSuccess}>
          {t('code.continue')}
        </Button>
        <div className="actions">
          <Resend />
          <a className="button plain" href={screenAt('')}>
            {t('code.wrong-address')}
          </a>
        </div>
      </form>
    </Screen>
  )
}

interface ConfirmProps {
  readonly id: string
  readonly linkCode: string
  /** Whether somebody ticked the box for marketing, maybe somebody else. */
  readonly asksConsent: boolean
}

/** A mail's link opens it. A mail scanner follows links, so a button confirms. */
export const ConfirmScreen = ({ id, linkCode, asksConsent }: ConfirmProps) => {
  const { settings, t, nodes, sayProblem } = usePage()
  const { terms } = settings.legal
  const [hasConsent, setConsent] = useState(false)
  const signIn = useSignIn(id)
  const { data: email } = useSession()
  return (
    <Screen step={2} title={t('confirm.title')} lead={t('confirm.lead')}>
      {email ? <Notice>{t('confirm.other', { email })}</Notice> : null}
      {signIn.isError ? <Notice tone="danger">{sayProblem(signIn.error)}</Notice> : null}
      {asksConsent ? (
        <Checkbox checked={hasConsent} onChange={({ target }) => setConsent(target.checked)}>
          {t('email.marketing', { brand: settings.brand })}
        </Checkbox>
      ) : null}
      {terms === undefined ? null : (
        <p className="hint">{nodes('confirm.terms', { terms: <a href={terms}>{t('email.terms-link')}</a> })}</p>
      )}
      <div className="actions">
        <Button
          isBusy={signIn.isPending || signIn.isSuccess}
          onClick={() =>
            signIn.mutate({
              code: linkCode,
              ...(terms === undefined ? {} : { acceptedTerms: true }),
              ...(hasConsent ? { marketingConsent: marketingText } : {}),
            })
          }
        >
          {t('confirm.continue')}
        </Button>
        <a className="button plain" href={screenAt('')}>
          {t('confirm.again')}
        </a>
      </div>
    </Screen>
  )
}
