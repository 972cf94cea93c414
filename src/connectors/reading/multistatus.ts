import { Parser } from 'htmlparser2'

/** One thing at a WebDAV server (RFC 4918 §14.24), as far as calendars need it. */
export interface DavResponse {
  href: string
  name: string
  isCalendar: boolean
  /** What a calendar may hold (RFC 4791 §5.2.3); empty: everything. */
  components: string[]
  /** RFC 5397 §3. */
  principal: string | null
  /** RFC 4791 §6.2.1. */
  home: string | null
  /** iCalendar. */
  data: string
}

const most = 5_000
const deepest = 100

/** The responses in an answer with status 207. Entities of the document's own are never put in place. Throws Error when it is none. */
export function responsesIn(xml: string): DavResponse[] {
  const found: DavResponse[] = []
  /** Local names of what is open. */
  const open: string[] = []
  let one: DavResponse | null = null
  let text = ''
  const parser = new Parser(
    {
      onopentag(full, attributes) {
        const name = localName(full)
        open.push(name)
        if (open.length > deepest) throw new Error('nested too deep')
        text = ''
        if (name === 'response') {
          one = {
            href: '',
            name: '',
            isCalendar: false,
            components: [],
            principal: null,
            home: null,
            data: '',
          }
          if (found.push(one) > most) throw new Error('too many responses')
        }
        if (one === null) return
        const parent = open.at(-2)
        if (name === 'calendar' && parent === 'resourcetype') one.isCalendar = true
        if (name === 'comp' && parent === 'supported-calendar-component-set')
          one.components.push(String(attributes.name).toUpperCase())
      },
      ontext(data) {
        text += data
      },
      onclosetag() {
        const name = open.pop()
        const parent = open.at(-1)
        if (one === null) return
        if (name === 'response') one = null
        else if (name === 'href' && parent === 'response') one.href = text.trim()
        else if (name === 'href' && parent === 'current-user-principal') one.principal = text.trim()
        else if (name === 'href' && parent === 'calendar-home-set') one.home ??= text.trim()
        else if (name === 'displayname') one.name = text.trim()
        else if (name === 'calendar-data') one.data = text
        text = ''
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  parser.end(xml)
  if (!/<(?:\w+:)?multistatus[\s>/]/.test(xml.slice(0, 2_000))) throw new Error('no multistatus')
  return found
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1).toLowerCase()
