/** What the admin's pages load: it tells Wagtail's Stimulus application of our controllers. */
import "../styles/index.css"
import { registerRuleEditor } from "./ruleEditorController"

registerRuleEditor()
