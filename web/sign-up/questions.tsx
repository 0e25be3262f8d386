import { Field, Select } from '../ui/field.tsx'
import { answerName } from './offer-texts.ts'
import { usePage } from './screen.tsx'

/** The questions of the offer. None has to be answered. */
export const Questions = () => {
  const { settings, language, t } = usePage()
  return settings.questions.map((question) => {
    const label = t('email.optional', { question: question.label[language] ?? question.id })
    const name = answerName(question.id)
    if (question.kind === 'text') return <Field key={name} label={label} name={name} maxLength={200} />
    const options = question.options.map(({ id, label: texts }) => ({ value: id, label: texts[language] ?? id }))
    return <Select key={name} label={label} name={name} options={[{ value: '', label: '–' }, ...options]} />
  })
}
