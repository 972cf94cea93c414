/** As the index cuts texts into words (unicode61, `remove_diacritics 2`): letters and digits, without accents, in small letters. */
export const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()

export function wordsIn(text: string): Set<string> {
  return new Set(plain(text).match(/[\p{L}\p{N}\p{Co}]+/gu))
}

/** Words so common that they find nothing, in the languages that most documents here are in. */
const common = new Set(
  plain(
    `a an and are as at be by can do does for from has have how i in is it my of on or our that the their this to was we were what when
     where which who why will with you your about did show tell find please me
     aber alle als am an auf aus bei bin bis das dass dem den der des die dies doch du durch ein eine einem einen einer es fur hat haben
     ich ihr im in ist ja kann man mein meine mit nach nicht noch oder sich sie sind so uber um und uns unser von vor wann war was
     welche welcher welches wenn wer werden wie wir wird wo zu zum zur wurde
     au aux avec ce ces cette comment dans de des du elle en est et il je la le les leur ma mais mes mon ne nos notre nous ou par pas pour
     qu quand que quel quelle qui sa se ses son sont sur un une vos votre vous
     al como con cual cuando de del donde el ella en entre era es esta este fue ha hay la las lo los mas me mi mis muy nos o para pero por
     que quien se sin sobre su sus un una y`,
  ).split(/\s+/),
)
const most = 12

/** What a search is for: its words without the common ones, unless it has no others. */
export function searchWords(query: string): string[] {
  const all = [...wordsIn(query.slice(0, 2_000))].map((word) => word.slice(0, 60))
  const rare = all.filter((word) => !common.has(word) && (word.length > 1 || /\d/.test(word)))
  return (rare.length > 0 ? rare : all).slice(0, most)
}

/** Without the endings that words have in several of these languages; never shorter than four letters. */
export function stemOf(word: string): string {
  if (/\d/.test(word)) return word
  const stem = word.replace(endings, '')
  return stem.length >= 4 ? stem : word
}
const endings =
  /(?:ungen|ationen|aciones|ations|ation|acion|ements|ement|ungs|ings|ing|eren|ern|ers|ens|est|ies|em|en|er|es|os|as|ed|et|e|s|n|y|a|o)$/

/** Long enough to be made of several, as in German, or written without spaces, as in Chinese. */
export const hasParts = (word: string): boolean =>
  word.length <= 60 &&
  (word.length >= 9 || /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2}/u.test(word))
