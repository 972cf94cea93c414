import { say } from '../../../../locales/say.ts'

/** What buttons are called that another page speaks of: the page in the client's browser, and whoever presses them. */
export const buttonWords = {
  get letIn() {
    return say('button.letIn')
  },
  get letBackIn() {
    return say('button.letBackIn')
  },
  get decline() {
    return say('button.decline')
  },
  get connect() {
    return say('button.connect')
  },
  get createKey() {
    return say('button.createKey')
  },
}
