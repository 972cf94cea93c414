import {
  codePointName,
  hiddenIn as firstHidden,
  hasSmuggled,
  withoutHidden,
} from '../contract/agreed/visible-text.ts'
import type { Finding } from '../contract/tools.ts'

/**
 * What a text holds that its reader does not see, or that is aimed at the assistant and not at the person behind it. Looked for word by
 * word around words that are rare, so that the time depends on the length of the text alone. A help to notice, not a wall: who words it
 * in a new way is not found, which is why what was read decides what is asked (`taint.ts`), found or not.
 *
 * `definition`: of a tool, where nobody has a reason for comments, images or pages of code; otherwise a result, which may be anything.
 */
export function suspicious(text: string, kind: 'definition' | 'result'): Omit<Finding, 'where'>[] {
  const looked = text.length > longestLooked ? text.slice(0, longestLooked) : text
  const isDisguised = disguise.test(looked)
  if (kind === 'result' && !isDisguised && !(mayHoldSign(looked) && sign.test(looked))) return none
  const found: Omit<Finding, 'where'>[] = []
  const add = (what: Finding['what'], said: string) => found.push({ what, text: said.slice(0, longestSaid) })
  hiddenIn(looked, kind, add)
  const plain = isDisguised ? withoutHidden(looked).normalize('NFKC') : looked
  const undisguised = plain.slice(0, 2 * longestLooked)
  // Some letters stand for eighteen: what they push out of sight is suspicious enough where nobody needs them.
  const isCut = undisguised.length < plain.length
  if (isCut && kind === 'definition') add('unread', String(plain.length - undisguised.length))
  if (kind === 'definition') inDefinition(looked, undisguised, add)
  const image = imageIn(looked, kind)
  if (image !== null) add('image', image)
  const words =
    instructionIn(undisguised) ??
    (isDisguised ? instructionIn(folded(undisguised)) : null) ??
    (isCut ? instructionIn(looked) : null) ??
    (kind === 'definition' ? encodedInstruction(looked) : null)
  if (words !== null) add('instruction', words)
  return found
}

const none: never[] = []

/** Of one text, in characters. */
const longestLooked = 100_000
const longestSaid = 160

type Add = (what: Finding['what'], said: string) => void

/** Escape sequences, and what makes text invisible in a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const terminal = /\x1b[[\]()#][^\n]{0,20}/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const concealed = /\x1b\[(?:\d{1,3};){0,5}8m/
/** A message in characters that are not drawn: tags, variation selectors, or many joiners and spaces without width in a row. */
const message =
  /[\u{e0020}-\u{e007e}]{8,}|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}|[\u200b-\u200d\u2060-\u2064\ufeff]{8,}/u
const overrides = /[\u202d\u202e]/

/** Texts of programs have colours and marks of order in them; hidden messages have none of these excuses. */
function hiddenIn(text: string, kind: 'definition' | 'result', add: Add): void {
  if (!hasSmuggled(text)) return
  const isDefinition = kind === 'definition'
  const sequence = (isDefinition ? terminal : concealed).exec(text)
  if (sequence) add('terminal', `⟨U+001B⟩${sequence[0].slice(1)}`)
  const run = message.exec(text)
  if (run) add('hidden', readTags(run[0]) ?? `${codePointName(run[0])} × ${[...run[0]].length}`)
  else if (overrides.test(text)) add('hidden', codePointName(overrides.exec(text)![0]))
  else if (isDefinition && sequence === null) add('hidden', firstHidden(text)?.code ?? '')
}

/** Tags stand for ASCII (Unicode 16, 23.9). */
const readTags = (run: string): string | null => {
  const codes = [...run].map((char) => char.codePointAt(0)! - 0xe0000)
  return codes.every((code) => code >= 0x20 && code <= 0x7e) ? String.fromCharCode(...codes) : null
}

/** What only a definition has no use for. */
function inDefinition(text: string, undisguised: string, add: Add): void {
  const comment = /<!--[^>]{0,200}/.exec(text)
  if (comment) add('comment', comment[0])
  const encoded = /[A-Za-z0-9+/]{160,}|(?:\\u[0-9a-f]{4}){20,}|(?:\\x[0-9a-f]{2}){20,}/i.exec(text)
  if (encoded) add('encoded', encoded[0])
  const ours =
    /\bnotes? from (?:the|your) owner\b|\bdrawbridge (?:says|requires|has approved|system|security)\b/.exec(
      formOf(undisguised),
    )
  if (ours) add('imitation', ours[0])
}

/** An image whose address is to be filled with what was said, or, in a definition, any. */
const anyImage = /!\[[^\]\n]{0,200}\]\(\s{0,3}(?:https?:)?\/\/[^)\s]{1,400}/
const filled =
  /[?&/=](?:\$?\{[a-z_ .-]{1,60}\}|%7b[a-z_ .-]{1,60}%7d|<[a-z]|\[[a-z_ .-]{2,60}\]|\.\.\.|…|insert|your_|base64_?\(|url_?encode)/i
function imageIn(text: string, kind: 'definition' | 'result'): string | null {
  if (!text.includes('![') && !text.includes('<img')) return null
  const images =
    text.match(/!\[[^\]\n]{0,200}\]\(\s{0,3}(?:https?:)?\/\/[^)\n]{1,400}|<img\b[^>]{0,400}/gi) ?? []
  return (
    images
      .slice(0, 200)
      .find((image) => (kind === 'definition' && anyImage.test(image)) || filled.test(image)) ?? null
  )
}

/** Letters of other writings that look like Latin ones. */
const lookalikes: Record<string, string> = Object.fromEntries(
  ('аa еe оo рp сc уy хx іi јj ѕs ԁd һh ӏl ԛq ԝw ɡg αa οo ρp νv ιi τt κk εe υu ηn'.match(/\S\S/gu) ?? []).map(
    (pair) => [pair[0]!, pair[1]!],
  ),
)

const folded = (text: string): string =>
  text.toLowerCase().replace(/[\u0370-\u04ff\u0501-\u051d\u0261]/g, (char) => lookalikes[char] ?? char)

/** Writings in which words can be disguised: look-alikes, wide, raised, circled and mathematical letters, and what is not seen at all. */
const disguise =
  // biome-ignore lint/suspicious/noControlCharactersInRegex lint/suspicious/noMisleadingCharacterClass: these are what this looks for
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f-\u052f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1d00-\u1dbf\u200b-\u200f\u202a-\u202e\u2060-\u209f\u2100-\u214f\u2460-\u24ff\u3164\ufe00-\ufe0f\ufeff-\uff5e\uffa0\ufff0-\uffff\ud835\udb40-\udb7f]/

/** As it reads: small letters, plain spaces and quotes. */
const formOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[*`"“”]+/g, '')
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, ' ')

/** Of one text. */
const mostPieces = 200
/** What the first pieces of base64 in it say, as far as that is a text. */
function encodedInstruction(text: string): string | null {
  const pieces = text.match(/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,4000}={0,2}/g) ?? []
  for (const piece of pieces.slice(0, mostPieces)) {
    const said = Buffer.from(piece, 'base64').toString('latin1')
    const words = /^[\x20-\x7e\t\r\n]{25,}$/.test(said) ? instructionIn(said) : null
    if (words !== null) return words
  }
  return null
}

/** Without one of these no rule below finds anything. One look for all of them: nearly all texts have none. */
const signs = [
  'ignor|disregard|forget|stop following|bound by|overrid|bypass|supersed|precedence over',
  '(?:instruction|directive|prompt)s? (?:are|is|were|have)',
  '(?:the|your|ask|for) (?:user|human|owner|operator)',
  '(?:silent|secret|covert|discreet|quiet|invisib)ly|keep this|hide this',
  '<\\/?[*_]{0,2}(?:important|system|hidden|assistant|admin|critical|secret|ai|instruction)|<\\||\\[\\/?inst|<<\\/?sys|\\[[*_]{0,2}(?:system|admin|hidden|developer|assistant)',
  '(?:system|developer|admin) (?:override|prompt|instruction|directive|message)|hidden prompt|initial (?:instruction|prompt)',
  '(?:attention|hey|hello|dear|listen|important|note) (?:to |for )?(?:all |any |the |every )?(?:ai|llm|language model|assistant|chatbot|chatgpt|claude|copilot|agent|model)',
  '(?:if|as) (?:you are )?an? (?:ai|llm|language|assistant|chatbot|chatgpt|agent|bot|automated|model|copilot|claude)',
  '(?:ai|llm|language|all) (?:assistant|model|agent|system)',
  'you are (?:now|no longer)|(?:dan|god|jailbreak|unrestricted|unfiltered) mode|from now on',
  'new (?:system |secret |hidden |updated |real )?(?:instructions|directive|system prompt)|your (?:real|actual|true|new|only)',
  'conversation|chat history|previous messages|all messages|api key|api-?key|password|credential|secrets|private key|ssh key|access token|environment var|env vars|everything the user|contents? of',
  '\\.ssh|id_(?:rsa|ed25519|dsa|ecdsa)|\\.aws|\\/etc\\/|mcp\\.json|claude_desktop|\\.gnupg|\\.kube|wallet\\.dat|bash_history|\\.env|\\.netrc|\\.npmrc',
  'recipient|destination|payee|iban|wallet address|account number|e-?mail address|to field|bcc',
  '(?:all|every|each|any) (?:outgoing |sent |other )?(?:e-?mail|message|payment|transaction|transfer)',
  '(?:approved|authori[sz]ed|consented to|granted) (?:this|all|any|every|these|full|it|you)',
  '!\\[|<img',
  'ignorier|vergiss|missacht|oublie|olvida|descarta|dimentica|esqueça|игнорируй|забудь|忽略|无视|忘记|忽視|無視|忘れ',
]
const sign = new RegExp(signs.join('|').replaceAll(' ', '[\\s*_`"\',:!]{1,6}'), 'i')
const eachSign = new RegExp(sign, 'gi')

/** How the rarest word of each sign begins: a text without any of these is told by one look at each letter, ten times as fast. */
const beginnings = new Set(
  (
    'ignor disre forge follo bound overr bypas super prece instr direc promp user users human owner opera silen secre cover discr ' +
    'quiet invis syste sys admin devel hidde impor assis criti inst im endof start eot ai llm llms langu chatb chatg claud copil agent ' +
    'model bot autom now dan unres unfil jailb longe god real actua true only task goal conve chat messa api apike passw crede priva ' +
    'ssh acces envir env conte rsa ed dsa ecdsa aws etc mcp gnupg kube walle bash netrc npmrc recip desti payee iban accou field email ' +
    'mail mails bcc payme trans appro autho conse grant confi permi vergi missa oubli olvid desca dimen esque img initi'
  )
    .split(' ')
    .map(
      (word) =>
        [...word].reduce((code, char) => code * 32 + char.charCodeAt(0) - 96, 0) * 32 ** (5 - word.length),
    ),
)

function mayHoldSign(text: string): boolean {
  let [word, letters] = [0, 0]
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : 0
    const small = code | 32
    if (small >= 97 && small <= 122) {
      if (letters < 5) {
        word = word * 32 + small - 96
        letters += 1
      }
      continue
    }
    // Writings in which signs are not of these letters, and images.
    if (code >= 0x400 && (code <= 0x52f || (code >= 0x3040 && code <= 0x9fff))) return true
    if (code === 0x5b && text.charCodeAt(at - 1) === 0x21) return true
    if (code === 0x7c && text.charCodeAt(at - 1) === 0x3c) return true
    if (letters > 0 && beginnings.has(word * 32 ** (5 - letters))) return true
    word = 0
    letters = 0
  }
  return false
}

/** The neighbourhoods of all signs in a text. */
function signedParts(text: string): string[] {
  const parts: string[] = []
  let [from, to] = [0, -1]
  eachSign.lastIndex = 0
  for (let match = eachSign.exec(text); match; match = eachSign.exec(text)) {
    const [start, end] = [Math.max(0, match.index - nearby), match.index + match[0].length + nearby]
    if (start > to) {
      if (to >= 0) parts.push(text.slice(from, to))
      from = start
    }
    to = end
  }
  if (to >= 0) parts.push(text.slice(from, to))
  return parts
}
/** Characters around a sign, more than any rule looks at. */
const nearby = 300

/** A word that is rare, and what stands around it in the same sentence when it is meant for an assistant. */
interface Rule {
  word: RegExp
  before?: RegExp
  after?: RegExp
}
/** Characters that are looked at on either side of such a word. */
const around = 110
/** Of one text. One with more of these words is about nothing else. */
const mostLooks = 3_000

const earlier = 'previous|prior|above|earlier|preceding|foregoing|former|your|system|safety|developer'
const leave = 'ignor(?:e|ing)|disregard(?:ing)?|forget|stop following|not bound by|no longer bound by'
const assistant = '(?:ai|llm|language model|assistant|chatbot|chatgpt|claude|copilot|ai agent|agent|model)s?'
const tell =
  'tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|revealing|disclose|disclosing|alert|alerting|let'
const person = '(?:user|human|owner|operator)s?'
const carry =
  'send|forward|post|upload|email|mail|exfiltrate|transmit|leak|submit|copy|bcc|deliver|append|attach|include'

const rules: readonly Rule[] = [
  {
    word: /\b(?:instructions?|directives?|guardrails?|programming|guidelines?)\b/g,
    before: new RegExp(
      `\\b(?:${leave})\\b.{0,50}\\b(?:${earlier}|all|any|other|original|initial|these|those|every)\\b[^.]{0,25}$`,
    ),
  },
  {
    word: /\b(?:prompts?|rules|commands|orders|training|context|messages|policies|constraints|restrictions)\b/g,
    before: new RegExp(`\\b(?:${leave})\\b.{0,40}\\b(?:${earlier})\\b[^.]{0,15}$`),
  },
  {
    word: /\b(?:instructions?|guardrails?|safety (?:protocols?|rules|filters?)|programming)\b/g,
    before:
      /\b(?:overrid(?:e|es|ing)|bypass|supersedes?|replaces?|cancels?|take precedence over|takes precedence over)\b.{0,30}\b(?:previous|prior|earlier|your|all other|any other|all|safety)\b[^.]{0,15}$/,
  },
  {
    word: /\b(?:instructions?|directives?|prompts?)\b/g,
    before: /\b(?:previous|prior|earlier|above|original)\b[^.]{0,15}$/,
    after:
      /^ ?(?:are|is|were|have been) (?:now )?(?:void|obsolete|cancel|supersed|replaced|no longer|invalid|revoked|outdated)/,
  },
  {
    word: /\b(?:ignore|disregard|forget) (?:everything|all) (?:you|that was|above|before|i said|said|written)/g,
  },
  {
    word: new RegExp(`\\b(?:${tell})\\b`, 'g'),
    before:
      /\b(?:do not|don't|never|must not|mustn't|should not|shouldn't|without|avoid|refrain from|no need to|need not|not to|cannot)\b[^.]{0,25}$/,
    after: new RegExp(`^.{0,50}\\b(?:the|your) ${person}\\b`),
  },
  {
    word: new RegExp(`\\b(?:the|your) ${person}\\b`, 'g'),
    after:
      /^ ?(?:must|should|need|does|do|can|may|will|is|are)(?: not|n't)(?: need to| ever| have to| be)? (?:know|see|notice|told|find out|aware|hear|learn|informed|realize|realise)\b/,
  },
  {
    word: new RegExp(`\\bfrom (?:the|your) ${person}\\b`, 'g'),
    before: /\b(?:keep|hide|conceal|withhold)\b[^.]{0,50}$/,
  },
  {
    word: /\b(?:silently|secretly|covertly|discreetly|quietly|invisibly)\b/g,
    after: new RegExp(
      `^,? (?:${carry}|read|call|run|execute|add|fetch|open|collect|record|delete|modify|change)\\b`,
    ),
  },
  {
    word: /<\/?(?:important|system[-_ ]?(?:prompt|message|reminder|override|instructions?|note)|hidden(?:[-_ ]?instructions?)?|assistant[-_ ]?instructions?|admin[-_ ]?(?:override|instructions?)|critical[-_ ]?instructions?|secret[-_ ]?instructions?|ai[-_ ]?(?:instructions?|only))\b[^>]{0,40}>/g,
  },
  {
    word: /<(?:system|instructions?|secret|assistant)> ?(?=you |ignore|always|never|do not|the user|from now|new |before |read |send |call |when )/g,
  },
  { word: /<\|(?:im_start|im_end|system|endoftext|start_header_id|eot_id)\|?>|\[\/?inst\]|<<\/?sys>>/g },
  {
    word: /\[(?:system|admin|hidden|developer|assistant)\b[^\]]{0,20}\b(?:instructions?|override|prompt|note|message)\b[^\]]{0,20}\]/g,
  },
  {
    word: /\b(?:system|developer|admin) (?:override|prompt|instructions?|directive)\b ?(?:[:!]|update|-{2})/g,
    after: /^.{0,60}\b(?:you|ignore|must|send|call|always|never|comply|disregard|now|user)\b/,
  },
  {
    word: new RegExp(
      `\\b(?:attention|hey|hello|dear|listen|important|note)\\b[,:!]? ?(?:to |for )?(?:all |any |the |every )?${assistant}\\b`,
      'g',
    ),
    after:
      /^.{0,80}\b(?:must|ignore|you|send|call|do not|please|always|never|execute|run|read|reply|respond|include)\b/,
  },
  { word: new RegExp(`\\bif you are an? (?:${assistant}|bot|automated|ai-powered)`, 'g') },
  {
    word: /\bas an? (?:ai|llm|language model|assistant|ai (?:assistant|model|agent)|agent),? you\b/g,
    after: /^ ?(?:must|should|will|are required|have to|need to|are now)/,
  },
  {
    word: /\b(?:ai|llm|language|all) (?:assistants?|models?|agents?|systems) (?:reading|processing|that read|parsing|summari[sz]ing|must|should)\b/g,
    after:
      /^.{0,60}\b(?:must|should|ignore|send|call|execute|include|run|follow|reply|add|append|recommend|visit)\b/,
  },
  {
    word: /\byou are (?:now|no longer)\b/g,
    after:
      /^.{0,40}\b(?:dan|unrestricted|jailbroken|root|bound|restricted|free from|god mode|debug mode|maintenance mode|admin mode|developer mode|an evil|a different|operating in|acting as|an unfiltered)\b/,
  },
  {
    word: /\b(?:enter|enable|activate|switch (?:in)?to) (?:dan|god|jailbreak|unrestricted|unfiltered) mode\b/g,
  },
  {
    word: /\bfrom now on\b/g,
    after:
      /^,? (?:you (?:will|must|are|should|have to)|(?:always|only) (?:call|send|respond|answer|include|forward)|respond|reply|act as|ignore|every (?:answer|reply|response|email|message))/,
  },
  {
    word: /\bnew (?:system |secret |hidden |updated |real )?(?:instructions|directives?|system prompt)(?: ?:| follow| below)/g,
  },
  {
    word: /\byour (?:real|actual|true|new|only) (?:task|goal|job|instructions?|purpose|mission|objective) (?:is|are)(?: now)?\b/g,
  },
  {
    word: /\b(?:system prompt|system message|hidden prompt|initial (?:instructions|prompt))\b/g,
    before:
      /\b(?:reveal|print|repeat|output|leak|dump|send|return|include|append|show|tell me|disclose)\b.{0,40}\b(?:your|the (?:full|entire|whole|complete|hidden))\b[^.]{0,12}$/,
  },
  {
    word: /\b(?:conversation(?: history)?|chat history|(?:previous|all) messages|api keys?|passwords?|credentials|secrets|private keys?|ssh keys?|access tokens?|environment variables|env vars|everything the user|contents? of (?:the )?(?:conversation|chat))\b/g,
    before: new RegExp(`(?<!never |not |n't )\\b(?:${carry})\\b[^.,]{0,50}$`),
    after:
      /^.{0,40}\b(?:to|at|via|into|in|as) (?:the (?:attacker|following (?:url|address|endpoint|webhook))|this (?:url|address|webhook|server|endpoint)|https?:\/\/|[\w.+-]{1,64}@[\w-]|(?:the |an? )?(?:[`'\w-]{1,30} )?(?:parameter|argument|field)\b)/,
  },
  {
    word: /~?\/?\.ssh\/|\bid_(?:rsa|ed25519|dsa|ecdsa)\b|\.aws\/credentials|\/etc\/(?:passwd|shadow)\b|\.cursor\/mcp\.json|claude_desktop_config|\.gnupg\b|\.kube\/config|wallet\.dat|\.bash_history|(?:^|[ /~])\.env\b(?!\.)|\.netrc\b|\.npmrc\b/g,
    before:
      /\b(?:read|open|cat|load|fetch|get|access|include|attach|copy|upload|send|retrieve|collect|extract|find|put)\b[^.]{0,70}$/,
    after:
      /^.{0,60}\b(?:(?:and|then|,) ?(?:then )?(?:pass|send|include|provide|put|append|upload|post|forward|attach|paste|insert|add|return|store|write|place)\b|as (?:the |an? |its )?['\w-]{1,30} (?:parameter|argument|value|field)|as '[\w-]{1,30}'|to https?:|in (?:the |this )?['\w-]{1,30} (?:parameter|argument|field))/,
  },
  {
    word: /\b(?:recipient|destination|payee|iban|wallet address|account number|e-?mail address|to field|bcc)\b/g,
    before: /\b(?:change|replace|redirect|set|modify|swap|rewrite|add)\b[^.]{0,60}$/,
    after: /^.{0,40}(?:[\w.+-]{1,64}@(?!example\.)[\w-]|\bto (?:the )?attacker|0x[0-9a-f]{8}|\bbc1)/,
  },
  {
    word: /\b(?:e-?mails?|messages?|payments?|transactions?|transfers?)\b/g,
    before: /\b(?:all|every|each|any)(?: outgoing| sent| other)?[^.]{0,5}$/,
    after:
      /^ ?(?:must|should|have to|need to|shall) (?:also |always |first )?(?:be sent|go|be forwarded|be copied|be redirected|include|be bcc)/,
  },
  {
    word: new RegExp(`\\b${person}(?:'s?)?\\b`, 'g'),
    before: /\b(?:do not|don't|never|without) (?:ask|wait|request|asking|waiting|requesting)\b[^.]{0,20}$/,
    after: /^.{0,25}\b(?:confirmation|approval|permission|consent)\b/,
  },
  {
    word: /\b(?:user|owner|human|administrator|admin) (?:has |have )?(?:already )?(?:pre-?)?(?:approved|authori[sz]ed|consented to|granted)\b/g,
    after: /^ ?(?:this|all|any|every|these|full|it|you)\b/,
  },
  {
    word: /(?:ignorier|vergiss|missacht)[^.!?]{0,30}(?:vorherig|vorig|bisherig|obig|früher|alle)[^.!?]{0,20}(?:anweisung|instruktion|befehl|regeln)/g,
  },
  {
    word: /(?:ignore[rz]?|oublie[rz]?)[^.!?]{0,30}(?:instructions|consignes|directives)[^.!?]{0,20}(?:précédentes|ci-dessus|antérieures)/g,
  },
  {
    word: /(?:ignor[ae]|olvida|descarta|dimentica|esqueça)[^.!?]{0,30}(?:instrucciones|indicaciones|istruzioni|instruções)[^.!?]{0,20}(?:anteriores|previas|precedenti)/g,
  },
  { word: /(?:игнорируй|забудь)[^.!?]{0,30}(?:предыдущ|все|прежн)[^.!?]{0,20}(?:инструкц|указани)/g },
  {
    word: /(?:忽略|无视|忘记|無視して|忽視)[^。！]{0,12}(?:之前|以上|先前|前面|所有)[^。！]{0,10}(?:指令|指示|提示|规则|说明)/g,
  },
  { word: /(?:以前|上記|これまで|前)の?[^。]{0,10}(?:指示|命令|プロンプト)[^。]{0,6}(?:無視|忘れ)/g },
]

/** The first words that are meant for an assistant; null: none are found. */
function instructionIn(text: string): string | null {
  let looks = 0
  for (const form of signedParts(text).map(formOf))
    for (const { word, before, after } of rules) {
      word.lastIndex = 0
      for (let match = word.exec(form); match; match = word.exec(form)) {
        if (++looks > mostLooks) return match[0]
        const end = match.index + match[0].length
        const [start, stop] = [Math.max(0, match.index - around), end + around]
        if (before && !before.test(sentenceEnd(form.slice(start, match.index)))) continue
        if (after && !after.test(form.slice(end, stop))) continue
        const from = before ? Math.max(start, match.index - 60) : match.index
        return form.slice(from, Math.max(end, Math.min(stop, from + longestSaid))).trim()
      }
    }
  return null
}

/** What of a text belongs to the sentence that goes on after it. */
const sentenceEnd = (text: string): string =>
  text.slice(Math.max(...['. ', '! ', '? '].map((end) => text.lastIndexOf(end))) + 1)
