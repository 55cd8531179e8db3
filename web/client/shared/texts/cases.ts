/** The field's own words: stages, verbs, lights, clocks, sources (domain glossary). */
export const caseTexts = {
  "stage.reported": ["待受理", "reported"],
  "stage.verifying": ["核实中", "verifying"],
  "stage.pending_filing": ["待立案", "to be filed"],
  "stage.pending_dispatch": ["待派遣", "to be dispatched"],
  "stage.dispatched": ["待接单", "dispatched"],
  "stage.handling": ["处置中", "in handling"],
  "stage.suspended": ["挂账", "suspended"],
  "stage.handled": ["处置完毕", "handled"],
  "stage.checking": ["核查中", "checking"],
  "stage.pending_closing": ["待结案", "to be closed"],
  "stage.closed": ["已结案", "closed"],
  "stage.rejected": ["不予立案", "rejected"],
  "stage.cancelled": ["已作废", "cancelled"],


  "light.green": ["正常", "in time"],
  "light.yellow": ["将超期", "due soon"],
  "light.red": ["超期", "overdue"],
  "light.paused": ["暂停", "paused"],
  "light.none": ["无时限", "no clock"],

  "detail.quiet": ["没有计时的时限", "no clock runs"],
  "detail.paused_why": ["时限暂停中", "the clock is paused"],
  "clock.accept": ["受理", "accepting"],
  "clock.verify": ["核实", "verification"],
  "clock.file": ["立案", "filing"],
  "clock.dispatch": ["派遣", "dispatch"],
  "clock.sign": ["接单", "signing"],
  "clock.handle": ["处置", "handling"],
  "clock.send_check": ["发核查", "sending to check"],
  "clock.check": ["核查", "check"],
  "clock.close": ["结案", "closing"],



  "kind.component": ["部件", "components"],
  "kind.event": ["事件", "events"],

  "confidence.high": ["把握高", "sure"],
  "confidence.low": ["把握低,可能属于邻格", "unsure, may belong to a neighbour"],




  "case.unlocated": ["未定位", "not located"],
  "case.no_category": ["未分类", "no category yet"],
  "report.photo_n": ["照片 {n}", "Photo {n}"],
  "picture.photo_type": ["“{file}”不是照片,没有加入。请拍照,或选择 JPEG、PNG、WebP、HEIC 照片。", "“{file}” is no photo and was not added. Take one, or choose a JPEG, PNG, WebP or HEIC."],
  "picture.photo_broken": ["照片“{file}”打不开,可能已损坏,没有加入。请重拍一张。", "The photo “{file}” cannot be opened; it may be damaged and was not added. Take another."],
  "picture.photo_big": ["照片“{file}”超过 20 MB,也无法缩小。请换一张。", "The photo “{file}” is larger than 20 MB and could not be made smaller. Take another."],
  "report.change": ["换类别", "Change category"],
  "report.no_match": ["没有匹配的类别。换个词,或选“类别以后再定”。", "No category matches. Try another word, or choose “Category later”."],
  "clock.reply": ["督办回复", "reply"],
  "report.lon": ["经度 (WGS-84)", "Longitude (WGS-84)"],
  "report.lat": ["纬度 (WGS-84)", "Latitude (WGS-84)"],
  "report.coordinates_bad": ["经度在 -180 到 180,纬度在 -90 到 90 之间。", "Longitude is between -180 and 180, latitude between -90 and 90."],
} as const;
