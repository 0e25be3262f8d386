import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { ApiError, isKind } from '../api/client.ts'
import { closedBy } from '../api/open-offer.ts'
import { Button } from '../ui/button.tsx'
import { Checkbox, Field, focusField, Given, Select } from '../ui/field.tsx'
import { Notice } from '../ui/panel.tsx'
import { answerName, answersIn } from './offer.ts'
import { marketingText, requestCode, type Started, screenAt, startedBefore } from './request-code.ts'
import { Screen, usePage } from './screen.tsx'
import { addressMeant } from './suggestions.ts'

/** The questions of the offer. None has to be answered. */
const Questions = () => {
  const { settings, language, t } = usePage()
  return settings.questions.map((question) => {
    const label = t('email.optional', { question: question.label[language] ?? question.id })
    const name = answerName(question.id)
    if (question.kind === 'text') return <Field key={name} label={label} name={name} maxLength={200} />
    const options = question.options.map(({ id, label: texts }) => ({ value: id, label: texts[language] ?? id }))
    return <Select key={name} label={label} name={name} options={[{ value: '', label: '–' }, ...options]} />
  })
}

/** Whether the API refuses the address. */
const isAbout = (error: unknown): boolean =>
  error instanceof ApiError && error.fields.some(({ path }) => path === 'email')

/** The first screen. Before any script it is a plain form, which the API answers with a redirect. */
export const EmailScreen = () => {
  const { language, t, nodes, format, settings, sayProblem } = usePage()
  const { terms, privacy } = settings.legal
  const { offer } = settings
  const closed = closedBy(settings)
  const input = useRef<HTMLInputElement>(null)
  /** Undefined before this ran: then the browser checks the form, and holds what is typed. */
  const [email, setEmail] = useState<string>()
  const isScripted = email !== undefined
  const [isInvalid, setInvalid] = useState(false)
  /** An address that looks mistyped. Sent again as it is, it counts as meant. */
  const [doubted, setDoubted] = useState<string>()
  const meant = doubted !== undefined && doubted === email?.trim() ? addressMeant(doubted) : undefined
  const isDoubtful = (typed: string): boolean => typed !== doubted && addressMeant(typed) !== undefined
  const [isProving, setProving] = useState(false)
  useEffect(() => {
    const { email: before = '', answers = {} } = startedBefore() ?? {}
    setEmail(input.current?.value || before)
    for (const [id, answer] of Object.entries(answers)) {
      const field = input.current?.form?.elements.namedItem(answerName(id))
      const isAnswer = field instanceof HTMLInputElement || field instanceof HTMLSelectElement
      if (isAnswer && field.value === '') field.value = answer
    }
  }, [])
  const sending = useMutation({
    mutationFn: (started: Omit<Started, 'at'>) => requestCode(started, settings, () => setProving(true)),
    onSuccess: (id) => location.assign(screenAt(`signups/${id}`)),
    onError: (error) => setInvalid(isAbout(error) && isKind(error, 'invalid-request')),
    onSettled: () => setProving(false),
  })

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (sending.isPending) return
    const form = new FormData(event.currentTarget)
    const typed = String(form.get('email') ?? '').trim()
    const isAddress = /^\S+@\S+$/.test(typed)
    setInvalid(!isAddress)
    if (!isAddress) focusField(event.currentTarget, 'email')
    else if (isDoubtful(typed)) setDoubted(typed)
    else {
      const [acceptedTerms, hasConsent] = [form.has('acceptedTerms'), form.has('marketingConsent')]
      sending.mutate({ email: typed, acceptedTerms, hasConsent, answers: answersIn(form, settings) })
    }
  }

  const isAboutEmail = isAbout(sending.error)
  const told = sending.error === null ? undefined : sayProblem(sending.error)
  return (
    <Screen step={1} title={t('email.title')} lead={t('email.lead')}>
      {closed === undefined ? null : <Notice>{t(`email.${closed.why}`, { day: format.date(closed.day) })}</Notice>}
      <form
        action={`/v1/signups/form?language=${language}${offer === undefined ? '' : `&offer=${offer}`}`}
        method="post"
        noValidate={isScripted}
        onSubmit={submit}
      >
        <Field
          ref={input}
          label={t('email.label')}
          id="email"
          name="email"
          type="email"
          autoComplete="email"
          inputMode="email"
          maxLength={254}
          required
          placeholder={t('email.placeholder')}
          value={email}
          onChange={({ target }) => {
            setEmail(target.value)
            setInvalid(false)
            if (sending.isError) sending.reset()
          }}
          problem={isInvalid ? t('email.invalid') : isAboutEmail ? told : undefined}
        />
        {meant === undefined ? null : (
          <Notice
            tone="warning"
            title={t('email.doubted', { domain: meant.slice(meant.lastIndexOf('@') + 1), send: t('email.send') })}
          >
            <Button tone="quiet" onClick={() => setEmail(meant)}>
              {t('email.use-meant', { address: meant })}
            </Button>
          </Notice>
        )}
        <Questions />
        <Checkbox name="marketingConsent" value={marketingText}>
          {t('email.marketing', { brand: settings.brand })}
        </Checkbox>
        {told === undefined || isAboutEmail ? null : <Notice tone="danger">{told}</Notice>}
        {isProving ? <Notice>{t('email.proof')}</Notice> : null}
        <Button type="submit" isBusy={sending.isPending}>
          {t('email.send')}
        </Button>
        {terms === undefined ? null : (
          <p className="hint">
            <Given name="acceptedTerms" value="on" />
            {nodes('confirm.terms', { terms: <a href={terms}>{t('email.terms-link')}</a> })}
          </p>
        )}
        {privacy === undefined ? null : (
          <p className="hint">{nodes('email.privacy', { privacy: <a href={privacy}>{t('email.privacy-link')}</a> })}</p>
        )}
      </form>
    </Screen>
  )
}
