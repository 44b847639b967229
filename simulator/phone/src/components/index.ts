/** All built-in components. */

import type { BuiltIn } from "../host/built_in";
import { absent } from "./absent";
import { button } from "./button";
import { checkbox, checkboxGroup } from "./checkbox";
import { form } from "./form";
import { icon } from "./icon";
import { coverImage, image } from "./image";
import { input } from "./input";
import { keyboardAccessory } from "./keyboard_accessory";
import { label } from "./label";
import { matchMedia } from "./match_media";
import { navigator } from "./navigator";
import { pageContainer } from "./page_container";
import { navigationBar, pageMeta } from "./page_meta";
import { picker } from "./picker";
import { pickerView, pickerViewColumn } from "./picker_view";
import { progress } from "./progress";
import { radio, radioGroup } from "./radio";
import { richText } from "./rich_text";
import { rootPortal } from "./root_portal";
import { scrollView } from "./scroll_view";
import { slider } from "./slider";
import { swiper, swiperItem } from "./swiper";
import { switchControl } from "./switch";
import { text } from "./text";
import { textarea } from "./textarea";
import { coverView, view } from "./view";

export const builtIns: BuiltIn[] = [
  view,
  coverView,
  text,
  richText,
  icon,
  image,
  coverImage,
  progress,
  navigator,
  button,
  form,
  label,
  input,
  textarea,
  keyboardAccessory,
  checkbox,
  checkboxGroup,
  radio,
  radioGroup,
  switchControl,
  slider,
  picker,
  pickerView,
  pickerViewColumn,
  scrollView,
  swiper,
  swiperItem,
  pageMeta,
  navigationBar,
  rootPortal,
  pageContainer,
  matchMedia,
  ...absent,
];
